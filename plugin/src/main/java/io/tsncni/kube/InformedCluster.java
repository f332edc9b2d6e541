// SPDX-License-Identifier: Apache-2.0
package io.tsncni.kube;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.AnyNamespaceOperation;
import io.fabric8.kubernetes.client.dsl.Informable;
import io.tsncni.cni.CniErrorCode;
import io.tsncni.cni.CniException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/** A cluster by two informers, and by live requests for what these do not have. */
final class InformedCluster implements Cluster {
    private static final System.Logger LOG = System.getLogger(InformedCluster.class.getName());

    /** What an informer is behind the API server at most when all is well, and how often to look meanwhile. */
    private static final Duration LAG = Duration.ofMillis(20);

    private static final Duration STEP = Duration.ofMillis(4);

    /** A DNS subdomain, which no other object's name can be. In a path, other characters would ask for something else. */
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?");

    private final KubernetesClient client;
    private final boolean ofOneNode;
    private final ApiServer server;
    private final LiveObjects live;
    private final Events events;
    private final Informer<PodResource> pods;
    private final Informer<NadResource> nads;
    private final List<Consumer<String>> listeners = new CopyOnWriteArrayList<>();

    InformedCluster(KubernetesClient client, Optional<String> nodeName, Duration bound) {
        this.client = client;
        ofOneNode = nodeName.isPresent();
        server = new ApiServer(client.getHttpClient(), client.getMasterUrl().toString(), bound);
        live = new LiveObjects(server);
        events = new Events(server, nodeName);
        AnyNamespaceOperation<PodResource, ?, ?> everyPod =
                client.resources(PodResource.class).inAnyNamespace();
        Informable<PodResource> followed =
                nodeName.isPresent() ? everyPod.withField("spec.nodeName", nodeName.get()) : everyPod;
        pods = new Informer<>("pods", followed, new PodListener()).start();
        nads = new Informer<>(
                        "network-attachment-definitions",
                        client.resources(NadResource.class).inAnyNamespace(),
                        new NadListener())
                .start();
    }

    @Override
    public PodInfo pod(String namespace, String name, Optional<String> uid) throws CniException {
        if (!isName(namespace) || !isName(name)) {
            throw new CniException(
                    CniErrorCode.INVALID_ENVIRONMENT, "pod " + namespace + "/" + name + ": no such name is possible");
        }
        long start = System.nanoTime();
        while (pods.listed() && knownPod(namespace, name, uid).isEmpty() && System.nanoTime() - start < LAG.toNanos()) {
            pause("pod " + namespace + "/" + name);
        }
        return live.pod(namespace, name, uid, () -> knownPod(namespace, name, uid));
    }

    private Optional<PodInfo> knownPod(String namespace, String name, Optional<String> uid) {
        return knownPod(namespace, name).filter(pod -> pod.isOf(uid));
    }

    @Override
    public Optional<PodInfo> knownPod(String namespace, String name) {
        return pods.get(namespace, name).map(PodResource::info);
    }

    @Override
    public List<PodInfo> runningPods() {
        return ofOneNode && pods.listed()
                ? pods.all().stream()
                        .filter(PodResource::runsInOwnNetwork)
                        .map(PodResource::info)
                        .toList()
                : List.of();
    }

    @Override
    public Optional<NetworkAttachmentDefinition> nad(String namespace, String name) throws CniException {
        Optional<NadResource> known = nads.get(namespace, name);
        if (known.isPresent()) {
            return known.map(NadResource::definition);
        }
        return isName(namespace) && isName(name) ? live.nad(namespace, name) : Optional.empty();
    }

    private static boolean isName(String name) {
        return NAME.matcher(name).matches();
    }

    @Override
    public List<NetworkAttachmentDefinition> namespaceDefaults(String namespace) {
        return nads.in(namespace).stream()
                .map(NadResource::definition)
                .filter(NetworkAttachmentDefinition::isNamespaceDefault)
                .sorted(Comparator.comparing(NetworkAttachmentDefinition::name))
                .toList();
    }

    @Override
    public boolean isSynced() {
        return pods.listed() && nads.listed();
    }

    @Override
    public void awaitNads(Duration patience) throws CniException {
        String what = "list of network-attachment-definitions";
        Patience left = new Patience(patience);
        while (!nads.listed() && !nads.unknownToServer()) {
            if (left.waited().compareTo(patience) >= 0) {
                left.failed(nads.failure().isEmpty() ? "no answer yet" : nads.failure());
                throw server.gaveUp(what, left);
            }
            pause(what);
        }
    }

    private static void pause(String what) throws CniException {
        try {
            Thread.sleep(STEP.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw ApiServer.later(what, "interrupted");
        }
    }

    @Override
    public void networkStatus(PodInfo pod, String json) throws CniException {
        live.networkStatus(pod, json);
    }

    @Override
    public void event(PodInfo pod, EventType type, String reason, String message) {
        events.add(pod, type, reason, message);
    }

    @Override
    public void onChange(Consumer<String> listener) {
        listeners.add(listener);
    }

    private void tell(String namespace) {
        for (Consumer<String> listener : listeners) {
            try {
                listener.accept(namespace);
            } catch (RuntimeException e) {
                LOG.log(Level.ERROR, "a change in namespace " + namespace + " was not followed", e);
            }
        }
    }

    @Override
    public void close() {
        events.close();
        pods.close();
        nads.close();
        client.close();
    }

    private final class NadListener implements Informer.Listener<NadResource> {
        @Override
        public void appeared(NadResource nad) {
            tell(nad.getMetadata().getNamespace());
        }

        @Override
        public void changed(NadResource before, NadResource nad) {
            if (!before.definition().equals(nad.definition())) {
                tell(nad.getMetadata().getNamespace());
            }
        }

        @Override
        public void gone(NadResource nad) {
            tell(nad.getMetadata().getNamespace());
        }
    }

    private final class PodListener implements Informer.Listener<PodResource> {
        @Override
        public void appeared(PodResource pod) {
            // Its ADD reads it.
        }

        @Override
        public void changed(PodResource before, PodResource pod) {
            if (!steering(before).equals(steering(pod))) {
                tell(pod.getMetadata().getNamespace());
            }
        }

        @Override
        public void gone(PodResource pod) {
            // Its DEL reads nothing of it.
        }

        private static Map<String, String> steering(PodResource pod) {
            Map<String, String> annotations = new HashMap<>(pod.getMetadata().getAnnotations());
            annotations.remove(LiveObjects.NETWORK_STATUS);
            return annotations;
        }
    }
}

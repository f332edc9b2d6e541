// SPDX-License-Identifier: Apache-2.0
package io.tsncni.resolve;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.cni.CniException;
import io.tsncni.cni.JsonText;
import io.tsncni.cni.PluginConf;
import io.tsncni.cni.PodRef;
import io.tsncni.kube.Cluster;
import io.tsncni.kube.EventType;
import io.tsncni.kube.NetworkAttachmentDefinition;
import io.tsncni.kube.PodInfo;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The policy that a NetworkAttachmentDefinition annotated {@code tsncni.io/namespace-default: "true"} gives to every pod
 * of its namespace, in place of the entry's own.
 */
public final class NamespacePolicies {
    /** Of a pod: {@code none} keeps us away from it. */
    static final String OPT_OUT = "tsncni.io/policy";

    /** How long an entry waits that says nothing itself. */
    private static final Duration API_PATIENCE = Duration.ofSeconds(5);

    /** How long one with keys of its own waits for a pod that the API server is about to tell of. */
    private static final Duration NEWS_PATIENCE = Duration.ofSeconds(1);

    private final Cluster cluster;

    public NamespacePolicies(Cluster cluster) {
        this.cluster = cluster;
    }

    /**
     * For an ADD. An entry with keys of its own does not wait for an API server: it takes what is known, and
     * {@link #known} puts it right later.
     *
     * @return empty if the pod is to be left alone
     */
    Optional<TsnConf> forNewPod(TsnConf own, PodRef ref) throws CniException {
        Optional<PodInfo> pod;
        if (own.hasKeys()) {
            pod = soonKnown(ref);
        } else {
            cluster.awaitNads(API_PATIENCE);
            pod = Optional.of(cluster.pod(ref.namespace(), ref.name(), ref.uid()));
        }
        if (pod.filter(NamespacePolicies::optsOut).isPresent()) {
            return Optional.empty();
        }
        try {
            return known(own, ref.namespace());
        } catch (CniException e) {
            pod.ifPresent(of -> cluster.event(of, EventType.WARNING, "NamespaceDefault", e.getMessage()));
            throw e;
        }
    }

    private Optional<PodInfo> soonKnown(PodRef ref) {
        long deadline = System.nanoTime() + NEWS_PATIENCE.toNanos();
        Optional<PodInfo> pod = knownPod(ref);
        while (pod.isEmpty() && cluster.isSynced() && System.nanoTime() < deadline) {
            try {
                Thread.sleep(10);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return Optional.empty();
            }
            pod = knownPod(ref);
        }
        return pod;
    }

    /** Not one of the same name that was there before. */
    private Optional<PodInfo> knownPod(PodRef ref) {
        return cluster.knownPod(ref.namespace(), ref.name()).filter(pod -> pod.isOf(ref.uid()));
    }

    private static boolean optsOut(PodInfo pod) {
        return "none".equals(pod.annotations().get(OPT_OUT));
    }

    /**
     * What holds for a pod as far as we know, without asking.
     *
     * @return empty if it opts out, or neither the entry nor the namespace says anything
     * @throws CniException if the namespace's default is wrong, or there are two
     */
    public Optional<TsnConf> known(TsnConf own, PodRef ref) throws CniException {
        return knownPod(ref).filter(NamespacePolicies::optsOut).isPresent()
                ? Optional.empty()
                : known(own, ref.namespace());
    }

    private Optional<TsnConf> known(TsnConf own, String namespace) throws CniException {
        List<NetworkAttachmentDefinition> defaults = cluster.namespaceDefaults(namespace);
        if (defaults.size() > 1) {
            throw CniException.config(
                    "namespace " + namespace,
                    "several network-attachment-definitions have " + NetworkAttachmentDefinition.NAMESPACE_DEFAULT
                            + ": "
                            + defaults.stream()
                                    .map(nad -> nad.namespace() + "/" + nad.name())
                                    .collect(Collectors.joining(", "))
                            + "; keep it on one");
        }
        if (defaults.isEmpty()) {
            return own.hasKeys() ? Optional.of(own) : Optional.empty();
        }
        return Optional.of(merged(own, defaults.get(0)));
    }

    /** The NAD's keys; where it leaves out the NIC, the entry's. */
    private static TsnConf merged(TsnConf own, NetworkAttachmentDefinition nad) throws CniException {
        String path = "NAD " + nad.namespace() + "/" + nad.name() + ": spec.config";
        ObjectNode conf = JsonText.parseObject(path, nad.config());
        if (!conf.path("type").asText().equals(TsnConf.TYPE)) {
            throw CniException.config(
                    path + ".type",
                    "expected '" + TsnConf.TYPE + "' for a namespace's default, got "
                            + PluginConf.typeOf(conf.path("type")));
        }
        try {
            TsnConf keys = TsnConf.parse(conf);
            if (!keys.egress().isEmpty() || own.egress().isEmpty()) {
                return keys;
            }
            own.egress().forEach(conf.putArray("egress")::add);
            return TsnConf.parse(conf);
        } catch (CniException e) {
            throw CniException.config(path, e.getMessage());
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.testbed;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A namespace of a {@link Cluster}; closing it deletes all in it. */
public final class ClusterNamespace implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Kubectl kubectl;
    private final Node node;
    private final String name;

    private ClusterNamespace(Kubectl kubectl, Node node, String name) {
        this.kubectl = kubectl;
        this.node = node;
        this.name = name;
    }

    static ClusterNamespace create(Kubectl kubectl, Node node) {
        ClusterNamespace namespace = new ClusterNamespace(kubectl, node, RandomName.of("test-"));
        kubectl.run("create", "namespace", namespace.name);
        // Without it no pod is admitted.
        Poll.until(
                () -> namespace
                                .command("get", "serviceaccount", "default")
                                .attempt()
                                .exit()
                        == 0,
                PATIENCE,
                () -> "no service account in " + namespace.name);
        return namespace;
    }

    public String name() {
        return name;
    }

    /** kubectl in this namespace. */
    public Shell command(String... arguments) {
        return kubectl.command("--namespace", name).and(arguments);
    }

    /** Creates or changes a NetworkAttachmentDefinition. */
    public void applyNad(String nad, JsonNode config, Map<String, String> annotations) {
        ObjectNode object = object("k8s.cni.cncf.io/v1", "NetworkAttachmentDefinition", nad, annotations);
        object.putObject("spec").put("config", config.toString());
        kubectl.apply(object);
    }

    /** Creates what a manifest says, in this namespace if it names none. */
    public void apply(String manifest) {
        command("apply", "--filename", "-").reading(manifest).run();
    }

    public void deleteNad(String nad) {
        command("delete", "network-attachment-definition", nad).run();
    }

    /** Starts a pod and waits until it is ready. */
    public ClusterPod runPod(String pod, Map<String, String> annotations) {
        return createPod(pod, "", annotations).awaitReady();
    }

    /** @param runtimeClass "" for none */
    public ClusterPod createPod(String pod, String runtimeClass, Map<String, String> annotations) {
        ObjectNode object = object("v1", "Pod", pod, annotations);
        ObjectNode spec = object.putObject("spec");
        if (!runtimeClass.isEmpty()) {
            spec.put("runtimeClassName", runtimeClass);
        }
        spec.put("automountServiceAccountToken", false).put("enableServiceLinks", false);
        spec.put("terminationGracePeriodSeconds", 2);
        ObjectNode container = spec.putArray("containers").addObject();
        container.put("name", "talker").put("image", ContainerImage.NAME).put("imagePullPolicy", "Never");
        kubectl.create(object);
        return pod(pod);
    }

    /** "REASON: MESSAGE" of the warnings about this pod; not those of kubelet, which repeats what plugins tell it. */
    public List<String> warnings(String pod) {
        List<String> warnings = new ArrayList<>();
        JsonNode events = kubectl.json("--namespace", name, "get", "events");
        for (JsonNode event : events.path("items")) {
            JsonNode about = event.path("involvedObject");
            if (about.path("kind").asText().equals("Pod")
                    && about.path("name").asText().equals(pod)
                    && event.path("type").asText().equals("Warning")
                    && !event.at("/source/component").asText().equals("kubelet")) {
                warnings.add(event.path("reason").asText() + ": "
                        + event.path("message").asText());
            }
        }
        return warnings;
    }

    /** A pod that was made in some other way. */
    public ClusterPod pod(String pod) {
        return new ClusterPod(kubectl, node, name, pod);
    }

    private ObjectNode object(String apiVersion, String kind, String called, Map<String, String> annotations) {
        ObjectNode object = Cluster.object(apiVersion, kind, called);
        ObjectNode metadata = (ObjectNode) object.get("metadata");
        metadata.put("namespace", name);
        annotations.forEach(metadata.putObject("annotations")::put);
        return object;
    }

    @Override
    public void close() {
        for (JsonNode pod : kubectl.json("--namespace", name, "get", "pods").path("items")) {
            pod(pod.at("/metadata/name").asText()).delete();
        }
        kubectl.run("delete", "namespace", name, "--wait=false");
    }
}

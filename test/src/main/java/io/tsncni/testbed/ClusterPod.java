// SPDX-License-Identifier: Apache-2.0
package io.tsncni.testbed;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;

/** A pod of a {@link Cluster}. */
public final class ClusterPod implements Talker {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Kubectl kubectl;
    private final Node node;
    private final String namespace;
    private final String name;

    ClusterPod(Kubectl kubectl, Node node, String namespace, String name) {
        this.kubectl = kubectl;
        this.node = node;
        this.namespace = namespace;
        this.name = name;
    }

    public String namespace() {
        return namespace;
    }

    public String name() {
        return name;
    }

    @Override
    public Sent talk(String... arguments) {
        return Sent.parse(command("exec", name, "--", ContainerImage.TALKER)
                .and(arguments)
                .run());
    }

    public ClusterPod awaitReady() {
        Shell.Result ready = command("wait", "--for=condition=Ready", "pod/" + name, "--timeout=50s")
                .attempt();
        if (ready.exit() != 0) {
            throw new IllegalStateException("pod %s: %s%s"
                    .formatted(
                            this,
                            ready.stderr(),
                            command("describe", "pod", name).run().stdout()));
        }
        return this;
    }

    public JsonNode object() {
        return kubectl.json("--namespace", namespace, "get", "pod", name);
    }

    /** The annotation k8s.v1.cni.cncf.io/network-status, as a controller parses it. */
    public JsonNode networkStatus() {
        String text = object().at("/metadata/annotations")
                .path("k8s.v1.cni.cncf.io/network-status")
                .asText("");
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("network-status of " + this + ": " + text, e);
        }
    }

    /**
     * Returns when its network is gone, and then it. Kubelet 1.20 keeps the object for up to a minute more, until it
     * collects the stopped sandbox; for that nobody waits here.
     */
    public void delete() {
        String address = object().at("/status/podIP").asText();
        command("delete", "pod", name, "--wait=false").run();
        Poll.until(
                () -> !node.reservations().contains(address),
                PATIENCE,
                () -> address + " is still reserved for the deleted pod " + this);
        command("delete", "pod", name, "--force", "--grace-period=0", "--ignore-not-found")
                .run();
    }

    private Shell command(String... arguments) {
        return kubectl.command("--namespace", namespace).and(arguments);
    }

    @Override
    public String toString() {
        return namespace + "/" + name;
    }
}

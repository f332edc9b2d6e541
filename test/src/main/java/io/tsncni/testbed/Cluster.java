// SPDX-License-Identifier: Apache-2.0
package io.tsncni.testbed;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/**
 * A real Kubernetes of one node, and that is ours: its pods have its plugins, its NIC, its agent. The agent is a
 * service account with what deploy/rbac.yaml gives it.
 */
public final class Cluster implements AutoCloseable {
    public static final String NODE_NAME = "node1";
    /** The runtime class whose pods have the meta-plugin's network; all others have the chained one. */
    public static final String META = "meta";

    /** The namespace of the service account in deploy/rbac.yaml, and its name. */
    public static final String AGENT_NAMESPACE = "kube-system";

    public static final String AGENT_ACCOUNT = "tsn-cni";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    /**
     * What kubelet sets for the whole machine, and with which values. Here it finds them set already, in files that lie
     * over the kernel's.
     */
    private static final Map<String, String> TUNABLES = Map.of(
            "vm/overcommit_memory", "1",
            "vm/panic_on_oom", "0",
            "kernel/panic", "10",
            "kernel/panic_on_oops", "1",
            "kernel/keys/root_maxkeys", "1000000",
            "kernel/keys/root_maxbytes", "25000000");

    private final Node node;
    private final Path directory;
    private final Containerd containerd;
    private final ControlPlane controlPlane;

    /**
     * @param chained a configuration list for pods without a runtime class
     * @param meta a configuration for those of the runtime class {@link #META}
     */
    public Cluster(Node node, ObjectNode chained, ObjectNode meta) {
        this.node = node;
        try {
            directory = Files.createTempDirectory("cluster");
            write("net.d/10-chained.conflist", chained.toString());
            write("meta.d/10-meta.conf", meta.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        containerd = new Containerd(node, cri());
        controlPlane = new ControlPlane(
                node.artifacts().kubernetes(), directory, node.nic().nodeAddress());
        try {
            controlPlane.start();
            startKubelet();
            ObjectNode runtimeClass = object("node.k8s.io/v1", "RuntimeClass", META);
            kubectl().apply(runtimeClass.put("handler", META));
            kubectl().apply(node.artifacts().manifest("nad-crd.yaml"));
            kubectl().apply(node.artifacts().manifest("rbac.yaml"));
            node.agent().join(controlPlane.kubeconfig("agent", agentToken()), NODE_NAME);
            Poll.until(
                    this::isReady,
                    PATIENCE,
                    () -> "node not ready: " + kubectl().run("describe", "node"));
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** As cluster administrator. */
    public Kubectl kubectl() {
        return controlPlane.admin();
    }

    /** As the agent. */
    public Kubectl agent() {
        return new Kubectl(kubectl().program(), directory.resolve("agent.kubeconfig"));
    }

    /** Makes the image of an archive known to the node, as people do who have no registry. */
    public void load(Path archive) {
        containerd.load(archive);
    }

    /** Where the runtime looks for the network of pods without a runtime class. */
    public Path networks() {
        return directory.resolve("net.d");
    }

    /** A namespace with a name of its own. */
    public ClusterNamespace namespace() {
        return ClusterNamespace.create(kubectl(), node);
    }

    static ObjectNode object(String apiVersion, String kind, String name) {
        ObjectNode object =
                JSON.createObjectNode().put("apiVersion", apiVersion).put("kind", kind);
        object.putObject("metadata").put("name", name);
        return object;
    }

    private String cri() {
        String settings =
                """
                [plugins."io.containerd.grpc.v1.cri"]
                  sandbox_image = "%1$s"
                  restrict_oom_score_adj = true
                [plugins."io.containerd.grpc.v1.cri".cni]
                  bin_dir = "%2$s"
                  conf_dir = "%3$s/net.d"
                [plugins."io.containerd.grpc.v1.cri".containerd]
                  snapshotter = "native"
                [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
                  runtime_type = "io.containerd.runc.v2"
                [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.%4$s]
                  runtime_type = "io.containerd.runc.v2"
                  cni_conf_dir = "%3$s/meta.d"
                """;
        return settings.formatted(ContainerImage.NAME, node.pluginDirectory(), directory, META);
    }

    private void startKubelet() {
        TUNABLES.forEach((name, value) -> Mounts.bind(write("sysctl/" + name, value + "\n"), sysctl(name)));
        ObjectNode config = JSON.createObjectNode();
        config.put("apiVersion", "kubelet.config.k8s.io/v1beta1").put("kind", "KubeletConfiguration");
        config.put("cgroupDriver", "cgroupfs").put("cgroupsPerQOS", false);
        config.put("cgroupRoot", containerd.cgroup().path()).putArray("enforceNodeAllocatable");
        config.put("failSwapOn", false).put("resolvConf", "").put("nodeStatusUpdateFrequency", "1s");
        config.put("volumePluginDir", directory.resolve("volume-plugins").toString());
        // A machine that is short of disk is still good enough for this.
        config.put("imageGCHighThresholdPercent", 100);
        config.putObject("evictionHard").put("nodefs.available", "0%").put("imagefs.available", "0%");
        config.putObject("authentication").putObject("anonymous").put("enabled", true);
        ((ObjectNode) config.get("authentication")).putObject("webhook").put("enabled", false);
        config.putObject("authorization").put("mode", "AlwaysAllow");
        controlPlane.start(
                "kubelet",
                "--config=" + write("kubelet.json", config.toString()),
                "--kubeconfig=" + kubectl().kubeconfig(),
                "--container-runtime=remote",
                "--container-runtime-endpoint=unix://" + containerd.socket(),
                "--hostname-override=" + NODE_NAME,
                "--node-ip=" + node.nic().nodeAddress(),
                "--root-dir=" + directory.resolve("kubelet"),
                "--cert-dir=" + directory.resolve("kubelet-certificates"));
    }

    /** TokenRequest, which is also how a pod gets its token. */
    private String agentToken() {
        ObjectNode request = JSON.createObjectNode();
        request.put("apiVersion", "authentication.k8s.io/v1").put("kind", "TokenRequest");
        request.putObject("spec").put("expirationSeconds", 3600);
        String path = "/api/v1/namespaces/%s/serviceaccounts/%s/token".formatted(AGENT_NAMESPACE, AGENT_ACCOUNT);
        return kubectl().post(path, request).at("/status/token").asText();
    }

    private boolean isReady() {
        for (JsonNode found : kubectl().json("get", "nodes").path("items")) {
            for (JsonNode condition : found.at("/status/conditions")) {
                if (condition.path("type").asText().equals("Ready")) {
                    return condition.path("status").asText().equals("True");
                }
            }
        }
        return false;
    }

    private Path write(String name, String text) {
        Path file = directory.resolve(name);
        try {
            Files.createDirectories(file.getParent());
            return Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path sysctl(String name) {
        return Path.of("/proc/sys", name);
    }

    @Override
    public void close() {
        try (containerd;
                controlPlane) {
            TUNABLES.keySet().forEach(name -> Mounts.unbind(sysctl(name)));
        } finally {
            Mounts.removeTree(directory);
        }
    }
}

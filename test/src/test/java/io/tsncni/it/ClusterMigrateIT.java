// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.testbed.Artifacts;
import io.tsncni.testbed.Cluster;
import io.tsncni.testbed.ClusterNamespace;
import io.tsncni.testbed.ContainerImage;
import io.tsncni.testbed.Node;
import io.tsncni.testbed.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** docs/migrate.md, from tsn-proxy ({@link TsnProxyStandIn}), with our image, DaemonSet and Job. */
@RequiresRoot
@Tag("cluster")
@ExtendWith(OneCluster.class)
class ClusterMigrateIT {
    private static final String IMAGE = "docker.io/library/tsn-cni:test";

    /** The other tests' network, and the one that pods get here. */
    private static final String OTHERS = "10-chained.conflist";

    private static final String CONFLIST = "00-plain.conflist";

    private Node node;
    private Cluster cluster;
    private Path plugins;
    private TsnProxyStandIn tsnProxy;

    @BeforeEach
    void withTsnProxyInTheAgentsPlace(Node node, Cluster cluster) throws IOException {
        this.node = node;
        this.cluster = cluster;
        node.agent().stop();
        plugins = node.pluginDirectory();
        Files.delete(plugins.resolve("tsn"));
        cluster.load(Path.of(System.getProperty("tsn.build"), "image/archive.tar"));
        tsnProxy = new TsnProxyStandIn(node, plugins);
        tsnProxy.plant();
        Files.move(cluster.networks().resolve(OTHERS), cluster.networks().resolve(OTHERS + ".aside"));
        Files.writeString(
                cluster.networks().resolve(CONFLIST),
                node.conflist("0.4.0", tsnProxy.entry()).toPrettyString());
    }

    @AfterEach
    void asItWas() throws IOException {
        kubectl("delete", "--ignore-not-found", "-n", "kube-system", "daemonset/tsn-cni", "job/tsn-cni-migrate-node1");
        kubectl("delete", "--ignore-not-found", "daemonset/cni-demo", "configmap/tsn-config");
        Files.deleteIfExists(cluster.networks().resolve(CONFLIST));
        Files.move(
                cluster.networks().resolve(OTHERS + ".aside"),
                cluster.networks().resolve(OTHERS));
        Files.deleteIfExists(plugins.resolve("tsn"));
        node.pluginDirectory();
        Eventually.assertTrue(
                Duration.ofSeconds(30),
                () -> node.agent().tsnctl("status").attempt().exit() != 0,
                "the DaemonSet's agent does not end");
        // containerd follows its directory by itself, a little later.
        LockSupport.parkNanos(Duration.ofSeconds(2).toNanos());
        node.agent().start();
    }

    private String kubectl(String... arguments) {
        return cluster.kubectl().run(arguments).stdout();
    }

    private String manifest(String values) {
        ObjectNode more = Nodes.JSON.createObjectNode();
        Chart.objects(values).get(0).properties().forEach(entry -> more.set(entry.getKey(), entry.getValue()));
        ((ObjectNode) more.at("/chain/entry")).set("priorityMap", Mapped.MAP);
        ObjectNode paths = more.putObject("paths");
        paths.put("cniBin", plugins.toString());
        paths.put("cniConf", cluster.networks().toString());
        paths.put("bpf", node.agent().bpffs().toString());
        paths.put("run", node.agent().socket().getParent().toString());
        paths.put("state", node.agent().stateDir().toString());
        more.putObject("image").put("repository", "docker.io/library/tsn-cni").put("tag", "test");
        return Chart.rendered(more.toString());
    }

    /** A pod that puts it there, in a DaemonSet: of names alone. */
    private String daemonSet() {
        return """
                apiVersion: apps/v1
                kind: DaemonSet
                metadata: {name: cni-demo, namespace: default}
                spec:
                  selector: {matchLabels: {app: cni-plugins}}
                  template:
                    metadata: {labels: {app: cni-plugins}}
                    spec:
                      hostNetwork: true
                      terminationGracePeriodSeconds: 1
                      tolerations: [{operator: Exists}]
                      initContainers:
                        - {name: tsn-proxy-cni-install, image: "%s", args: [--version], imagePullPolicy: Never}
                      containers:
                        - {name: bookworm-pod, image: "%s", imagePullPolicy: Never}
                """
                .formatted(IMAGE, ContainerImage.NAME);
    }

    private void apply(String manifest) {
        cluster.kubectl().command("apply", "--filename", "-").reading(manifest).run();
    }

    /** @return its log, once it has come to this end */
    private String migrate(String condition) throws IOException {
        String manifest = Files.readString(Artifacts.fromSystemProperties().manifest("migrate.yaml"));
        JsonNode job = Chart.object(manifest.replace("NODE", Cluster.NODE_NAME), "Job");
        Map<String, Path> here = Map.of(
                "cni-bin",
                plugins,
                "cni-conf",
                cluster.networks(),
                "bpf",
                node.agent().bpffs());
        for (JsonNode volume : job.at("/spec/template/spec/volumes")) {
            Path path = here.get(volume.path("name").asText());
            if (path != null) {
                ((ObjectNode) volume.path("hostPath")).put("path", path.toString());
            }
        }
        ((ObjectNode) job.at("/spec/template/spec/containers/0")).put("image", IMAGE);
        kubectl("-n", "kube-system", "delete", "--ignore-not-found", "job/tsn-cni-migrate-node1");
        cluster.kubectl().apply(job);
        Shell.Result done = cluster.kubectl()
                .command("-n", "kube-system", "wait", "--for=condition=" + condition, "--timeout=50s")
                .and("job/tsn-cni-migrate-node1")
                .attempt();
        String log = cluster.kubectl()
                .command("-n", "kube-system", "logs", "job/tsn-cni-migrate-node1")
                .attempt()
                .toString();
        assertEquals(0, done.exit(), done + log + kubectl("-n", "kube-system", "describe", "job,pod"));
        return log;
    }

    private int ready() {
        return cluster.kubectl()
                .json("-n", "kube-system", "get", "daemonset", "tsn-cni")
                .at("/status/numberReady")
                .asInt();
    }

    private static boolean hasLogsOfItsPod() {
        try (Stream<Path> pods = Files.list(Path.of("/var/log/pods"))) {
            return pods.anyMatch(pod -> pod.getFileName().toString().startsWith("default_cni-demo-"));
        } catch (IOException e) {
            return true;
        }
    }

    @Test
    void stepByStep(ClusterNamespace namespace) throws IOException {
        apply(daemonSet());
        kubectl("rollout", "status", "daemonset/cni-demo", "--timeout=50s");
        String nic = node.nic().name();
        kubectl(
                "create",
                "configmap",
                "tsn-config",
                "--from-literal=TSN_IFNAME=" + nic,
                "--from-literal=TSN_INGRESS_OR_EGRESS=egress");
        String values = cluster.kubectl()
                .command("run", "tsn-migrate", "--rm", "-i", "--quiet", "--restart=Never", "--image=" + IMAGE)
                .and("--image-pull-policy=Never", "--overrides={\"spec\": {\"hostNetwork\": true}}", "--")
                .and("migrate", "tsn-proxy", "--from-configmap", "-")
                .reading(kubectl("get", "configmap", "tsn-config", "-o", "yaml"))
                .run()
                .stdout();
        assertTrue(values.contains("entry: {\"egress\":\"" + nic + "\",\"unmapped\":\"keep\"}"), values);

        apply(manifest(values));
        Eventually.assertTrue(
                Duration.ofSeconds(50),
                () -> cluster.kubectl()
                        .command("-n", "kube-system", "logs", "daemonset/tsn-cni")
                        .attempt()
                        .toString()
                        .contains("tsnd migrate tsn-proxy --replace"),
                "the agent does not say that tsn-proxy is there");
        assertEquals(0, ready());
        String refusal = migrate("failed");
        assertTrue(refusal.contains("a pod of tsn-proxy's DaemonSet is on this node"), refusal);
        assertEquals(0, ready());

        kubectl("delete", "daemonset", "cni-demo");
        Eventually.assertTrue(Duration.ofMinutes(4), () -> !hasLogsOfItsPod(), "the kubelet keeps the pod's logs");
        String done = migrate("complete");
        assertTrue(done.contains("nothing of tsn-proxy is here any more"), done);
        assertFalse(Files.exists(plugins.resolve("tsn-metadata-proxy")));
        kubectl("-n", "kube-system", "rollout", "status", "daemonset/tsn-cni", "--timeout=50s");
        assertEquals(1, ready());
        Mapped.assertMapped(node, namespace.runPod("new", Map.of()));
    }
}

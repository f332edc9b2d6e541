// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tsncni.testbed.Artifacts;
import io.tsncni.testbed.Cluster;
import io.tsncni.testbed.ClusterNamespace;
import io.tsncni.testbed.ClusterPod;
import io.tsncni.testbed.Pod;
import io.tsncni.testbed.Seen;
import io.tsncni.testbed.Sent;
import io.tsncni.testbed.Shell;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The way in and the way out, as users go it: our image as a DaemonSet in the place of the agent of the other tests. */
@RequiresRoot
@Tag("cluster")
@ExtendWith(OneCluster.class)
class ClusterInstallIT extends DaemonSetNode {
    /** Names, modes and contents of all that is ours to change on the node. */
    private String hostFiles() {
        String directories = String.join(
                " ",
                cluster.networks().toString(),
                plugins.toString(),
                node.agent().stateDir().getParent().toString(),
                node.agent().bpffs().toString());
        return Shell.of(
                        "sh",
                        "-c",
                        "find " + directories + " -printf '%p %y %m %l\\n' | grep -v /ipam/ | sort; find " + directories
                                + " -type f ! -path '*/ipam/*' ! -path '*/bpf/*' -exec sha256sum {} + | sort")
                .run()
                .stdout();
    }

    @Test
    void fromApplyToUninstallAndPodsStartInEveryPhase(ClusterNamespace namespace) throws Exception {
        ClusterPod before = namespace.runPod("before", Map.of());
        Mapped.assertSeen(node, before, Mapped.WIPED);
        Shell.run(
                "rm",
                "-rf",
                node.agent().stateDir().toString(),
                node.agent().socket().getParent().toString());
        Shell.of("sh", "-c", "rm -rf " + node.agent().bpffs() + "/tsn").run();
        // The directories that kubelet makes for a hostPath are the ones of a node that has none.
        String files = hostFiles();

        cluster.kubectl()
                .command("apply", "--dry-run=server", "--filename", "-")
                .reading(Files.readString(Artifacts.fromSystemProperties().manifest("tsn-cni.yaml")))
                .run();
        apply(manifest(true));
        ClusterPod pod = namespace.runPod("with", Map.of());
        Mapped.assertMapped(node, pod);
        assertEquals(1, agentPods().size());
        Eventually.assertTrue(
                Duration.ofSeconds(10),
                () -> node.agent()
                        .status()
                        .path("podsWithoutTsn")
                        .toString()
                        .equals("[\"" + namespace.name() + "/before\"]"),
                "the pod that was there before the entry is not named");

        rolloutWhilePacketsFlow(pod);
        Mapped.assertMapped(node, namespace.runPod("upgraded", Map.of()));

        kubectl("-n", "kube-system", "delete", "daemonset", "tsn-cni");
        awaitNoAgent();
        ClusterPod between = namespace.runPod("between", Map.of());
        Mapped.assertSeen(node, between, Mapped.WIPED);
        Mapped.assertMapped(node, pod);

        apply(manifest(true));
        Eventually.assertTrue(
                Duration.ofSeconds(10),
                () -> node.agent().status().path("waitingForTsn").isEmpty()
                        && node.agent().status().path("attachments").size() == 3,
                "a pod that started without an agent still waits");
        Mapped.assertMapped(node, between);
        kubectl("-n", "kube-system", "delete", "daemonset", "tsn-cni");
        awaitNoAgent();

        uninstall();
        assertEquals(files, hostFiles());
        Mapped.assertSeen(node, pod, Mapped.WIPED);
        Mapped.assertSeen(node, namespace.runPod("after", Map.of()), Mapped.WIPED);
    }

    /** Not by the pod's object, which kubelet 1.20 keeps for up to a minute more. */
    private void awaitNoAgent() {
        Eventually.assertTrue(
                Duration.ofSeconds(30),
                () -> node.agent().tsnctl("status").attempt().exit() != 0,
                "the agent does not end");
    }

    private JsonNode agentPods() {
        return cluster.kubectl()
                .json("-n", "kube-system", "get", "pods", "-l", "app.kubernetes.io/name=tsn-cni")
                .path("items");
    }

    private void rolloutWhilePacketsFlow(ClusterPod pod) throws InterruptedException, ExecutionException {
        int port = Nodes.port(990);
        AtomicBoolean restarting = new AtomicBoolean(true);
        CompletableFuture<Long> talking = CompletableFuture.supplyAsync(() -> {
            long packets = 0;
            while (restarting.get()) {
                Sent sent = Nodes.udp(pod, node.nic().address(), port, 4, 100_000);
                packets += sent.packets();
            }
            return packets;
        });
        kubectl("-n", "kube-system", "rollout", "restart", "daemonset/tsn-cni");
        awaitRollout();
        restarting.set(false);
        long packets = talking.get();
        Eventually.assertTrue(
                Duration.ofSeconds(5), () -> node.nic().seen(port).total() >= packets, "some did not arrive");
        Seen seen = node.nic().seen(port);
        assertEquals(packets, seen.total());
        assertEquals(packets, seen.at(3), seen.toString());
    }

    private void uninstall() {
        JsonNode job = Chart.object(
                Chart.rendered(
                        values(true).put("uninstallFrom", Cluster.NODE_NAME).toString()),
                "Job");
        cluster.kubectl().apply(job);
        Shell.Result done = cluster.kubectl()
                .command("-n", "kube-system", "wait", "--for=condition=complete", "--timeout=50s")
                .and("job/tsn-cni-uninstall-node1")
                .attempt();
        String log = cluster.kubectl()
                .command("-n", "kube-system", "logs", "job/tsn-cni-uninstall-node1")
                .attempt()
                .toString();
        assertEquals(0, done.exit(), done + log + kubectl("-n", "kube-system", "describe", "job,pod"));
        assertTrue(log.contains("programs: removed 3 savers and 1 restorers"), log);
    }

    /** Its limit is 128 MiB: a node full of pods, and 40 that come at once. */
    @Test
    void theAgentLivesWithinItsLimitOnAFullNode(ClusterNamespace namespace) throws Exception {
        apply(manifest(false));
        ResidentMemory resident = new ResidentMemory();
        long idle = resident.at("idle");
        assertTrue(idle < 100_000_000, "idle with " + idle + " bytes");
        List<Pod> pods = new ArrayList<>();
        ExecutorService threads = Executors.newFixedThreadPool(40);
        try {
            for (int i = 0; i < 70; i++) {
                pods.add(node.addPod("full" + i, node.tsnEntry()));
            }
            resident.at("70 pods");
            List<Future<Pod>> burst = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                String name = "burst" + i;
                burst.add(threads.submit(() -> node.addPod(name, node.tsnEntry())));
            }
            for (Future<Pod> pod : burst) {
                pods.add(pod.get(120, TimeUnit.SECONDS));
            }
            JsonNode container = agentPods().at("/0/status/containerStatuses/0");
            assertEquals(0, container.path("restartCount").asInt(), container.toString());
            assertEquals(110, node.agent().status().path("attachments").size());
            resident.at("110 pods, the last 40 at once");
        } finally {
            threads.shutdownNow();
            pods.forEach(Pod::del);
        }
        resident.at("none again");
        System.out.println(resident);
        assertFalse(agentPods().isEmpty());
    }
}

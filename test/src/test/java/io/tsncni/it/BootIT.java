// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.testbed.Artifacts;
import io.tsncni.testbed.CniRuntime;
import io.tsncni.testbed.Node;
import io.tsncni.testbed.Pod;
import io.tsncni.testbed.Qdisc;
import io.tsncni.testbed.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an agent finds that starts with the node, or later than its pods: everything is right soon, or it says what is not. */
@RequiresRoot
class BootIT {
    /** Two seconds are meant; a machine under load has more. */
    private static final Duration SOON = Duration.ofSeconds(10);

    @TempDir
    Path host;

    private int phase;

    /** Pods go on where somebody mounts the BPF file system anew, and their programs with it. */
    @ParameterizedTest
    @ValueSource(strings = {"tcx", "clsact", "slots"})
    void saversWithoutTheirPinsAreBack(String way) {
        try (Node node = Nodes.started(way)) {
            Pod one = node.addPod("one", node.tsnEntry());
            Pod two = node.addPod("two", node.tsnEntry(Nodes.json("{\"3\": 5}")));
            one.warmUp(node.nic(), node.nic().address());
            two.warmUp(node.nic(), node.nic().address());
            node.agent().kill();
            Shell.run("rm", "-rf", node.agent().bpffs().resolve("tsn").toString());
            node.agent().start();
            awaitPriority(node, one, 3, 3);
            awaitPriority(node, two, 3, 5);
            assertTrue(
                    node.agent().stderr().contains("2 savers were gone"),
                    node.agent().stderr());
            one.runtime().check(one.attachment());
            one.del();
            two.del();
            Leftovers.assertNone(node);
        }
    }

    /** As after a kill in the middle of it. */
    @Test
    void aSaverThatWasBeingPutBackIsPutBack() throws IOException {
        try (Node node = Nodes.started("tcx")) {
            Pod pod = node.addPod("pod", node.tsnEntry());
            pod.warmUp(node.nic(), node.nic().address());
            node.agent().kill();
            Files.delete(node.agent()
                    .bpffs()
                    .resolve("tsn/savers/" + pod.attachment().containerId() + ":eth0/link"));
            node.agent().start();
            awaitPriority(node, pod, 3, 3);
            pod.del();
            Leftovers.assertNone(node);
        }
    }

    @Test
    void aSaverWhosePodIsGoneStaysLostAndIsNamed() {
        try (Node node = Nodes.started()) {
            Pod pod = node.addPod("pod", node.tsnEntry());
            node.agent().kill();
            Shell.run("rm", "-rf", node.agent().bpffs().resolve("tsn").toString());
            pod.netns().exec("ip", "link", "del", "eth0");
            node.agent().start();
            Eventually.assertTrue(
                    SOON,
                    () -> node.agent()
                            .stderr()
                            .contains(pod.attachment().containerId()
                                    + ":eth0 is not as it should be, start its pod anew if tsnctl status says so: it is lost,"
                                    + " and so is the interface that it was on"),
                    "nothing said");
            assertEquals(
                    "lost", node.agent().status().at("/attachments/0/saver").asText());
        }
    }

    /**
     * No pin, no namespace of before, records of another boot, and the primary plugin's configuration as it writes it.
     */
    @Test
    void afterARebootNothingOfBeforeIsLeftAndNewPodsAreServed() throws IOException {
        try (Node node = new Node(Artifacts.fromSystemProperties(), Qdisc.HTB)) {
            Path conf = installing(node);
            node.agent().start();
            Pod before = podByRuntime(node, "before", conf, "TSN_TIMEOUT", "110");
            node.agent().kill();
            before.runtime()
                    .call(
                            "DEL",
                            node.bridgeEntry(),
                            before.attachment(),
                            before.runtime().conflist());
            before.netns().close();
            Shell.run("rm", "-rf", node.agent().bpffs().resolve("tsn").toString());
            rewriteBoot(node);
            Files.writeString(conf, node.conflist("1.0.0").toString());

            node.agent().start();
            Eventually.assertTrue(SOON, () -> HealthIT.get(node, "/readyz").status() == 200, "not ready");
            assertTrue(Files.readString(conf).contains("\"tsn\""));
            assertEquals(0, node.agent().status().path("attachments").size());
            Pod after = podByRuntime(node, "after", conf, "TSN_TIMEOUT", "110");
            after.warmUp(node.nic(), node.nic().address());
            awaitPriority(node, after, 3, 3);
        }
    }

    /** With {@code onAgentDown: pass}. */
    @Test
    void aPodThatWasThereBeforeTheAgentGetsItsPrioritiesWhenThereIsOne() throws IOException {
        try (Node node = new Node(Artifacts.fromSystemProperties(), Qdisc.HTB)) {
            Path conf = installing(node);
            node.agent().tsnd("install").run();
            Pod pod = podByRuntime(node, "pod", conf, "TSN_TIMEOUT", "1");
            Pod gone = podByRuntime(node, "gone", conf, "TSN_TIMEOUT", "1");
            pod.warmUp(node.nic(), node.nic().address());
            Nodes.udp(pod, node.nic().address(), Nodes.port(9), 3, 20);
            assertEquals(0, node.nic().seen(Nodes.port(9)).at(3), "who gave it its priority?");
            gone.del();

            node.agent().start();
            awaitPriority(node, pod, 3, 3);
            JsonNode attachments = node.agent().status().path("attachments");
            assertEquals(1, attachments.size(), attachments.toString());
            pod.del();
            Leftovers.assertNone(node);
        }
    }

    /** Its NIC comes last of all. */
    @Test
    void untilItCanBeServedSuchAPodIsNamed() throws IOException {
        try (Node node = new Node(Artifacts.fromSystemProperties(), Qdisc.HTB)) {
            Path conf = installing(node);
            ObjectNode elsewhere = node.tsnEntry().put("onAgentDown", "pass").put("egress", "tsn-late");
            Files.writeString(conf, node.conflist("1.0.0", elsewhere).toString());
            node.agent().tsnd("install").attempt();
            Pod pod = podByRuntime(node, "pod", conf, "TSN_TIMEOUT", "1");
            node.agent().start();
            String attachment = pod.attachment().containerId() + ":eth0";
            Eventually.assertTrue(
                    SOON,
                    () -> node.agent().stderr().contains(attachment + " is without TSN still: ")
                            && node.agent().stderr().contains("no NIC named tsn-late on this node"),
                    "nothing said");
            assertEquals(List.of(attachment), texts(node.agent().status().path("waitingForTsn")));
            assertTrue(
                    node.agent().tsnctl("status").run().stdout().contains("waiting for TSN: " + attachment),
                    node.agent().tsnctl("status").run().stdout());
            Shell.run("ip", "link", "add", "tsn-late", "type", "ifb");
            try {
                Eventually.assertTrue(
                        Duration.ofSeconds(30),
                        () -> node.agent().status().path("attachments").size() == 1,
                        "still waiting");
                assertEquals(List.of(), texts(node.agent().status().path("waitingForTsn")));
                pod.del();
                Leftovers.assertNone(node);
            } finally {
                Shell.run("ip", "link", "del", "tsn-late");
            }
        }
    }

    private Path installing(Node node) throws IOException {
        Path confDir = Files.createDirectories(host.resolve("net.d"));
        Files.createDirectories(host.resolve("bin"));
        node.agent().with("TSN_INSTALL", "true");
        node.agent().with("TSN_CNI_CONF_DIR", confDir.toString());
        node.agent().with("TSN_CNI_BIN_DIR", host.resolve("bin").toString());
        ObjectNode settings = Nodes.JSON.createObjectNode();
        ObjectNode entry = node.tsnEntry().put("onAgentDown", "pass");
        entry.remove("type");
        settings.putObject("install").put("chain", true).set("entry", entry);
        Files.writeString(node.agent().config(), settings.toString());
        return Files.writeString(
                confDir.resolve("10-pods.conflist"), node.conflist("1.0.0").toString());
    }

    /** What a runtime makes of the file as it is now. */
    private Pod podByRuntime(Node node, String name, Path conf, String variable, String value) throws IOException {
        Map<String, String> env = new HashMap<>(node.agent().env());
        env.put(variable, value);
        List<Path> plugins = Stream.concat(
                        Stream.of(host.resolve("bin")), node.cniPath().stream().skip(1))
                .toList();
        ObjectNode network = (ObjectNode) Nodes.json(Files.readString(conf));
        return node.addPod(name, new CniRuntime(network, plugins, env));
    }

    private static void rewriteBoot(Node node) throws IOException {
        try (Stream<Path> records = Files.list(node.agent().stateDir().resolve("attachments"))) {
            for (Path file : records.toList()) {
                ObjectNode record = (ObjectNode) Nodes.json(Files.readString(file));
                Files.writeString(file, record.put("bootId", "another").toString());
            }
        }
    }

    private void awaitPriority(Node node, Pod pod, int sent, int wanted) {
        Eventually.assertTrue(
                SOON,
                () -> {
                    int port = Nodes.port(phase++ % 50);
                    long before = node.nic().seen(port).at(wanted);
                    Nodes.udp(pod, node.nic().address(), port, sent, 20);
                    return node.nic().seen(port).at(wanted) - before == 20;
                },
                pod + " does not get its priority");
    }

    private static List<String> texts(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .map(JsonNode::asText)
                .toList();
    }
}

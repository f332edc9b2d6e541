// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.testbed.Artifacts;
import io.tsncni.testbed.CniFailure;
import io.tsncni.testbed.CniRuntime;
import io.tsncni.testbed.Node;
import io.tsncni.testbed.Pod;
import io.tsncni.testbed.Qdisc;
import io.tsncni.testbed.Shell;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a Prometheus reads from an agent, against what was sent. */
@RequiresRoot
class MetricsIT {
    private static final Duration MOMENT = Duration.ofSeconds(10);

    private static Scrape scrape(Node node) {
        return Scrape.of(node.agent().listen());
    }

    static Pod plc(Node node) {
        CniRuntime runtime =
                node.runtime(node.conflist("1.0.0", node.tsnEntry(Nodes.json("{\"3\": 5, \"4\": \"drop\"}"))));
        Pod pod = node.addPod("pod", runtime, MetaNode.args("plant", "plc-0", "uid"));
        pod.warmUp(node.nic(), node.nic().address());
        return pod;
    }

    static Map<String, String> labels(Pod pod, String... more) {
        Map<String, String> labels = new TreeMap<>(Map.of(
                "container_id", pod.attachment().containerId(),
                "pod_namespace", "plant",
                "pod_name", "plc-0",
                "interface", "eth0"));
        for (int i = 0; i < more.length; i += 2) {
            labels.put(more[i], more[i + 1]);
        }
        return labels;
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcx", "clsact"})
    void theCountersAreWhatWasSentAndGoOnWhenTheAgentIsKilledAndStartedAnew(String carrier) {
        try (Node node = Nodes.started(carrier)) {
            Pod pod = plc(node);
            Scrape before = scrape(node);
            Nodes.udp(pod, node.nic().address(), Nodes.port(1), 3, 300, "--size", "100");
            Nodes.udp(pod, node.nic().address(), Nodes.port(2), 4, 40);
            assertGrown(node, pod, before, 300, 40);
            assertEquals(1, before.value("tsn_cni_requests_total", Map.of("command", "ADD", "code", "0")));
            assertEquals(
                    1,
                    before.value("tsn_restorer_info", Map.of("nic", node.nic().name(), "carrier", carrier)));
            assertEquals(
                    1,
                    before.value(
                            "tsn_saver_info",
                            labels(pod, "nic", node.nic().name(), "carrier", carrier, "mode", "stamp")));
            String state = carrier.equals("tcx") ? "attached" : "attached-unseen";
            assertEquals(1, before.value("tsn_attachments", Map.of("saver", state)));

            node.agent().kill();
            Nodes.udp(pod, node.nic().address(), Nodes.port(3), 3, 50, "--size", "100");
            node.agent().start();
            assertGrown(node, pod, before, 350, 40);
            Nodes.udp(pod, node.nic().address(), Nodes.port(4), 3, 7, "--size", "100");
            assertGrown(node, pod, before, 357, 40);
            assertEquals(0, scrape(node).value("tsn_cni_requests_total", Map.of("command", "ADD", "code", "0")));

            pod.del();
            Scrape without = scrape(node);
            assertEquals(0, without.value("tsn_attachments", Map.of("saver", state)));
            assertFalse(without.series().keySet().stream().anyMatch(series -> series.contains("plc-0")));
            assertFalse(without.has(
                    "tsn_restorer_attached", Map.of("nic", node.nic().name())));
        }
    }

    /** 142 bytes each: 100, and the headers of UDP, IPv4 and Ethernet. */
    private static void assertGrown(Node node, Pod pod, Scrape before, int sent, int dropped) {
        Scrape after = scrape(node);
        Map<String, String> five = labels(pod, "priority", "5");
        assertEquals(sent, growth(before, after, "tsn_saver_packets_total", five));
        assertEquals(sent * 142, growth(before, after, "tsn_saver_bytes_total", five));
        assertEquals(sent, growth(before, after, "tsn_saver_requested_packets_total", labels(pod, "priority", "3")));
        assertEquals(dropped, growth(before, after, "tsn_saver_requested_packets_total", labels(pod, "priority", "4")));
        assertEquals(dropped, growth(before, after, "tsn_saver_dropped_packets_total", labels(pod, "priority", "4")));
        Map<String, String> nic = Map.of("nic", node.nic().name());
        Map<String, String> nicFive = Map.of("nic", node.nic().name(), "priority", "5");
        assertEquals(sent, growth(before, after, "tsn_restorer_packets_total", nicFive));
        assertEquals(sent * 142, growth(before, after, "tsn_restorer_bytes_total", nicFive));
        assertEquals(0, growth(before, after, "tsn_restorer_rejected_packets_total", nic));
        assertEquals(1, after.value("tsn_restorer_attached", nic));
        assertEquals(0, after.value("tsn_agent_unready_reasons", Map.of()));
        assertEquals(0, after.value("tsn_scrape_errors_total", Map.of("of", "saver")));
        assertEquals(0, after.value("tsn_scrape_errors_total", Map.of("of", "restorer")));
        assertTrue(after.value("process_resident_memory_bytes", Map.of()) > 20e6);
    }

    private static double growth(Scrape before, Scrape after, String name, Map<String, String> labels) {
        return after.value(name, labels) - before.count(name, labels);
    }

    @Test
    void aNicThatGoesAndComesIsSeenAlsoBetweenTwoScrapes() {
        try (Node node = Nodes.started()) {
            plc(node);
            String nic = node.nic().name();
            assertEquals(0, scrape(node).value("tsn_restorer_nic_losses_total", Map.of("nic", nic)));
            rename(nic, nic + "x");
            Eventually.assertTrue(
                    MOMENT,
                    () -> scrape(node).value("tsn_restorer_attached", Map.of("nic", nic)) == 0,
                    "the restorer is still there");
            assertEquals(1, scrape(node).value("tsn_agent_unready_reasons", Map.of()));
            rename(nic + "x", nic);
            Eventually.assertTrue(
                    MOMENT,
                    () -> scrape(node).value("tsn_restorer_attached", Map.of("nic", nic)) == 1,
                    "the restorer is not back");
            assertEquals(1, scrape(node).value("tsn_restorer_nic_losses_total", Map.of("nic", nic)));
        }
    }

    private static void rename(String from, String to) {
        Shell.run("ip", "link", "set", from, "down");
        Shell.run("ip", "link", "set", from, "name", to);
        Shell.run("ip", "link", "set", to, "up");
    }

    @Test
    void aRequestIsCountedOnceByItsAnswerAlsoIfItIsForwardedToOurselves() {
        try (MetaNode meta = MetaNode.alone()) {
            Node node = meta.node();
            JsonNode second = node.bridgeNetwork("second");
            JsonNode list = Nodes.JSON
                    .createObjectNode()
                    .put("cniVersion", "1.0.0")
                    .put("name", "cell")
                    .set("plugins", Nodes.JSON.createArrayNode().add(second).add(node.tsnEntry()));
            Pod pod = node.addPod("pod", meta.runtime(meta.meta(meta.master(), (ObjectNode) list)));
            Scrape after = scrape(node);
            assertEquals(1, after.value("tsn_cni_requests_total", Map.of("command", "ADD", "code", "0")));
            assertEquals(1, after.value("tsn_cni_request_duration_seconds_count", Map.of("command", "ADD")));
            pod.del();
            CniFailure failure = assertThrows(
                    CniFailure.class, () -> node.addPod("bad", node.tsnEntry().put("unmapped", "no")));
            assertEquals(7, failure.code());
            after = scrape(node);
            assertEquals(1, after.value("tsn_cni_requests_total", Map.of("command", "ADD", "code", "7")));
            assertTrue(after.value("tsn_cni_requests_total", Map.of("command", "DEL", "code", "0")) >= 1);
        }
    }

    @Test
    void whetherPodsAndNadsAreListedIsSaidWhereThereIsAnApiServer() {
        try (MetaNode meta = MetaNode.started()) {
            Eventually.assertTrue(
                    MOMENT, () -> scrape(meta.node()).value("tsn_kubernetes_synced", Map.of()) == 1, "not listed");
        }
        try (MetaNode alone = MetaNode.alone()) {
            assertFalse(scrape(alone.node()).has("tsn_kubernetes_synced", Map.of()));
        }
    }

    /** One that writes the file each time that we do: the back-off is what ends the race. */
    @Test
    void anotherWriterOfTheConfigurationIsSeen() throws IOException {
        Path confDir = Files.createTempDirectory("net.d");
        Path binDir = Files.createTempDirectory("bin");
        Node node = new Node(Artifacts.fromSystemProperties(), Qdisc.HTB);
        try (node) {
            Path file = confDir.resolve("10-pods.conflist");
            String theirs = node.conflist("1.0.0").toString();
            Files.writeString(file, theirs);
            Files.writeString(node.agent().config(), "{\"install\": {\"chain\": true, \"entry\": {}}}");
            node.agent().with("TSN_CNI_CONF_DIR", confDir.toString());
            node.agent().with("TSN_CNI_BIN_DIR", binDir.toString());
            node.agent().with("TSN_INSTALL", "true");
            node.agent().start();
            Scrape calm = scrape(node);
            assertEquals(1, calm.value("tsn_chained_entry_inserted", Map.of()));
            assertEquals(1, calm.value("tsn_chained_entry_insertions_total", Map.of()));
            assertEquals(0, calm.value("tsn_chained_entry_backoffs_total", Map.of()));
            Eventually.assertTrue(
                    MOMENT,
                    () -> {
                        rewrite(file, theirs);
                        return scrape(node).value("tsn_chained_entry_backoffs_total", Map.of()) == 1;
                    },
                    "it never gives way");
            Scrape contested = scrape(node);
            assertEquals(0, contested.value("tsn_chained_entry_inserted", Map.of()));
            assertEquals(6, contested.value("tsn_chained_entry_insertions_total", Map.of()));
            assertEquals(1, contested.value("tsn_agent_unready_reasons", Map.of()));
        } finally {
            Shell.run("rm", "-rf", confDir.toString(), binDir.toString());
        }
    }

    private static void rewrite(Path file, String content) {
        try {
            if (!Files.readString(file).equals(content)) {
                Files.writeString(file, content);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

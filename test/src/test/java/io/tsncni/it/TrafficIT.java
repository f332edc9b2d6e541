// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tsncni.testbed.Background;
import io.tsncni.testbed.Node;
import io.tsncni.testbed.Pod;
import io.tsncni.testbed.Seen;
import io.tsncni.testbed.Sent;
import io.tsncni.testbed.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the NIC's qdisc sees of real traffic. */
@RequiresRoot
class TrafficIT {
    @Tag("kernel")
    @ParameterizedTest
    @ValueSource(strings = {"tcx", "clsact"})
    void everyKindOfPacketKeepsItsPriority(String carrier) {
        try (Node node = Nodes.started(carrier)) {
            Pod pod = node.addPod("pod", node.tsnEntry());
            for (String to : new String[] {node.nic().address(), node.nic().address6()}) {
                pod.warmUp(node.nic(), to);
                int base = to.contains(":") ? 100 : 0;
                for (int priority = 0; priority < 16; priority++) {
                    Nodes.udp(pod, to, Nodes.port(base + priority), priority, 50);
                    assertOnly(node.nic().seen(Nodes.port(base + priority)), priority, 50);
                }
                // handed over in one piece, cut by the NIC or just before it
                Nodes.udp(pod, to, Nodes.port(base + 20), 6, 400, "--segment", "1000");
                assertOnly(node.nic().seen(Nodes.port(base + 20)), 6, 400);

                pod.talk(
                        "tcp",
                        "--to",
                        to,
                        "--port",
                        Integer.toString(Nodes.port(base + 21)),
                        "--priority",
                        "5",
                        "--bytes",
                        "3000000");
                Seen tcp = node.nic().seen(Nodes.port(base + 21));
                assertTrue(tcp.maxSegs() > 1, "no GSO packet among " + tcp);
                assertOnly(tcp, 5, tcp.total());

                Seen before = node.nic().observer().laterFragments();
                Nodes.udp(pod, to, Nodes.port(base + 22), 4, 30, "--size", "6000");
                assertOnly(node.nic().seen(Nodes.port(base + 22)), 4, 30);
                Seen later = node.nic().observer().laterFragments().since(before);
                assertTrue(later.total() >= 30 * 4, "6000 bytes are five fragments, four of them later ones");
                assertOnly(later, 4, later.total());
            }
        }
    }

    @Tag("kernel")
    @ParameterizedTest
    @ValueSource(strings = {"tcx", "clsact"})
    void aRawLayer2FrameKeepsItsPriorityAcrossABridge(String carrier) {
        try (Node node = Nodes.started(carrier)) {
            Pod pod = node.addPod("pod", node.tsnEntry());
            String bridge = pod.result().path("interfaces").path(0).path("name").asText();
            Shell.run("ip", "link", "set", node.nic().name(), "master", bridge);
            pod.talk("raw", "--dev", "eth0", "--ethertype", "0x22f0", "--priority", "3", "--count", "100");
            assertOnly(node.nic().observer().layer2(), 3, 100);
        }
    }

    @Test
    void aMillionPacketsWithAThirdDroppedOnTheWayAreAllInTheirClass() {
        try (Node node = Nodes.started()) {
            Pod pod = node.addPod("pod", node.tsnEntry(Nodes.json("{\"1\": 2, \"3\": 3, \"5\": 7, \"6\": 6}")));
            Pod neighbour = node.addPod("neighbour");
            for (Pod each : new Pod[] {pod, neighbour}) {
                each.warmUp(node.nic(), node.nic().address());
            }
            String drop =
                    """
                    table ip lossy {
                        chain forward {
                            type filter hook forward priority 0
                            ip saddr %s numgen random mod 3 0 drop
                        }
                    }
                    """;
            Shell.of("nft", "-f", "-").reading(drop.formatted(pod.address())).run();

            int[][] asked = {{1, 2}, {3, 3}, {5, 7}, {6, 6}, {4, 0}};
            long sent = 0;
            long tricks = 0;
            try (Background trick = neighbour.startTalking(
                    "udp",
                    "--to",
                    node.nic().address(),
                    "--port",
                    Integer.toString(Nodes.port(50)),
                    "--tos",
                    "16",
                    "--count",
                    "400000",
                    "--size",
                    "64")) {
                for (int[] pair : asked) {
                    sent += Nodes.udp(pod, node.nic().address(), Nodes.port(pair[0]), pair[0], 250_000, "--size", "64")
                            .packets();
                }
                tricks = Nodes.json(trick.await(Duration.ofMinutes(2)).stdout())
                        .required("sent")
                        .asLong();
            }
            assertEquals(1_250_000, sent);
            long seen = 0;
            for (int[] pair : asked) {
                Seen flow = node.nic().seen(Nodes.port(pair[0]));
                assertOnly(flow, pair[1], flow.total());
                seen += flow.total();
            }
            // A third is dropped: 833,000 expected, and the binomial's spread is under a thousand.
            assertTrue(seen > 800_000 && seen < 866_000, seen + " packets arrived");
            assertEquals(0, node.nic().seen(Nodes.port(50)).aboveZero());
            assertEquals(tricks, node.nic().seen(Nodes.port(50)).total());
            assertTrue(seen + tricks >= 1_000_000, "that was no million");
        } finally {
            Shell.of("nft", "delete", "table", "ip", "lossy").attempt();
        }
    }

    @Tag("kernel")
    @Test
    void aNeighboursTosReachesAClassOnlyIfTheOperatorKeepsUnstampedPackets() throws IOException {
        try (Node node = Nodes.started()) {
            node.addPod("pod", node.tsnEntry());
            Pod neighbour = node.addPod("neighbour");
            neighbour.warmUp(node.nic(), node.nic().address());
            trick(node, neighbour, Nodes.port(1));
            assertOnly(node.nic().seen(Nodes.port(1)), 0, 100);

            Files.writeString(
                    node.agent().config(), "{\"nics\": {\"" + node.nic().name() + "\": {\"unstamped\": \"keep\"}}}");
            node.agent().stop();
            node.agent().start();
            trick(node, neighbour, Nodes.port(2));
            assertOnly(node.nic().seen(Nodes.port(2)), 6, 100);
        }
    }

    private static void trick(Node node, Pod pod, int port) {
        pod.talk(
                "udp", "--to", node.nic().address(), "--port", Integer.toString(port), "--tos", "16", "--count", "100");
    }

    @Test
    void thePacketsOfTheNodeItselfAreLeftAlone() {
        try (Node node = Nodes.started()) {
            node.addPod("pod", node.tsnEntry());
            Shell.of(node.artifacts().talker(), "udp", "--to", node.nic().address(), "--port")
                    .and(Integer.toString(Nodes.port(1)), "--priority", "7", "--count", "100")
                    .run();
            assertOnly(node.nic().seen(Nodes.port(1)), 7, 100);
            JsonNode counters = node.agent().status().path("nics").path(0).path("counters");
            assertTrue(counters.path("unstampedLocal").asLong() >= 100, counters.toString());
        }
    }

    @Test
    void countersSayWhatWasSentAndRestored() {
        try (Node node = Nodes.started()) {
            Pod pod = node.addPod("pod", node.tsnEntry(Nodes.json("{\"3\": 5, \"4\": \"drop\"}")));
            pod.warmUp(node.nic(), node.nic().address());
            JsonNode before = node.agent().status();
            Sent kept = Nodes.udp(pod, node.nic().address(), Nodes.port(1), 3, 300, "--size", "100");
            Nodes.udp(pod, node.nic().address(), Nodes.port(2), 4, 40);
            JsonNode after = node.agent().status();
            assertEquals(300, difference(before, after, "/attachments/0/counters/from/3"));
            assertEquals(300, difference(before, after, "/attachments/0/counters/to/5/packets"));
            assertEquals(300 * 142, difference(before, after, "/attachments/0/counters/to/5/bytes"));
            assertEquals(40, difference(before, after, "/attachments/0/counters/dropped/4"));
            assertEquals(300, difference(before, after, "/nics/0/counters/restored/5/packets"));
            assertEquals(0, difference(before, after, "/nics/0/counters/rejected"));
            assertEquals(300, kept.packets());
        }
    }

    private static long difference(JsonNode before, JsonNode after, String pointer) {
        return after.at(pointer).asLong() - before.at(pointer).asLong();
    }

    private static void assertOnly(Seen seen, int priority, long packets) {
        assertEquals(
                packets,
                seen.at(priority),
                () -> "at priority " + priority + ", seen by priority: "
                        + IntStream.rangeClosed(0, 16).mapToObj(seen::at).toList());
        assertEquals(packets, seen.total());
        assertTrue(packets > 0, "nothing was seen");
    }
}

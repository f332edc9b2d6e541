// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tsncni.testbed.Node;
import io.tsncni.testbed.Pod;
import io.tsncni.testbed.Shell;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Queueing disciplines of the NIC that go by launch times, where the kernel has them: "./tsn test --kernel" does. */
@RequiresRoot
@Tag("kernel")
class QdiscIT {
    private static final int COUNT = 50;

    /** Every kernel for machines has these qdiscs; this one may be for something else. */
    private static void replaceRoot(Node node, String... qdisc) {
        int exit = Shell.of("tc", "qdisc", "replace", "dev", node.nic().name(), "root")
                .and(qdisc)
                .attempt()
                .exit();
        assumeTrue(exit == 0, "this kernel has no " + qdisc[0]);
    }

    private static JsonNode root(Node node, String kind) {
        String json = Shell.run(
                        "tc", "-s", "-j", "qdisc", "show", "dev", node.nic().name())
                .stdout();
        for (JsonNode qdisc : Nodes.json(json)) {
            if (qdisc.path("kind").asText().equals(kind)) {
                return qdisc;
            }
        }
        throw new AssertionError(kind + " is not in " + json);
    }

    private static void awaitSeen(Node node, String kind) {
        Eventually.assertTrue(
                Duration.ofSeconds(10),
                () -> node.agent().status().at("/nics/0/qdiscs").asText().contains(kind),
                "the agent does not see " + kind);
    }

    private static long received(Node node) {
        return Nodes.json(node.nic()
                        .world()
                        .exec("ip", "-j", "-s", "link", "show", "uplink")
                        .stdout())
                .at("/0/stats64/rx/packets")
                .asLong();
    }

    private static void timed(Node node, Pod pod, String clock, String ahead) {
        Nodes.udp(pod, node.nic().address(), Nodes.port(1), 3, COUNT, "--txtime", clock, "--ahead", ahead);
    }

    /** Before 7.2 it takes any time for monotonic: one of TAI is decades ahead, and the packet is dropped. */
    @Test
    void fqDropsNothingBecauseOfALaunchTime() {
        try (Node node = Nodes.started()) {
            Pod pod = node.addPod("pod", node.tsnEntry());
            pod.warmUp(node.nic(), node.nic().address());
            replaceRoot(node, "fq");
            awaitSeen(node, "fq");
            long before = received(node);
            for (String clock : new String[] {"tai", "monotonic", "realtime"}) {
                timed(node, pod, clock, "300000000");
            }
            // Too far ahead for fq, and in the past.
            timed(node, pod, "tai", "20000000000");
            timed(node, pod, "tai", "0");
            Eventually.assertTrue(
                    Duration.ofSeconds(10),
                    () -> received(node) >= before + 5 * COUNT,
                    "not all have left: " + root(node, "fq"));
            assertEquals(
                    0, root(node, "fq").path("drops").asLong(), root(node, "fq").toString());
            JsonNode counters = node.agent().status().at("/nics/0/counters");
            assertTrue(counters.path("txtimeConverted").asLong() >= 2 * COUNT, counters.toString());
            assertTrue(counters.path("txtimeCleared").asLong() >= 2 * COUNT, counters.toString());
        }
    }

    /** A NIC gets another qdisc while pods are attached. */
    @Test
    void aChangeOfTheQdiscIsSeenWithoutAnyonesHelp() {
        try (Node node = Nodes.started()) {
            node.addPod("pod", node.tsnEntry());
            assertTrue(node.agent().status().at("/nics/0/qdiscs").asText().contains("htb"));
            replaceRoot(node, "pfifo");
            awaitSeen(node, "pfifo");
        }
    }

    @Test
    void etfHoldsAPodsPacketUntilItsTime() {
        try (Node node = Nodes.started()) {
            Pod pod = node.addPod("pod", node.tsnEntry());
            pod.warmUp(node.nic(), node.nic().address());
            replaceRoot(node, "etf", "clockid", "CLOCK_TAI", "delta", "200000", "skip_sock_check");
            awaitSeen(node, "etf");
            long before = received(node);
            timed(node, pod, "tai", "8000000000");
            assertEquals(before, received(node), "before their time");
            assertEquals(
                    COUNT,
                    root(node, "etf").path("qlen").asLong(),
                    root(node, "etf").toString());
            Eventually.assertTrue(
                    Duration.ofSeconds(20),
                    () -> received(node) == before + COUNT,
                    "not all have left: " + root(node, "etf"));
            assertEquals(
                    0,
                    root(node, "etf").path("drops").asLong(),
                    root(node, "etf").toString());
        }
    }

    @Test
    void etfThatDropsEveryPodsPacketIsWarnedOf() {
        try (Node node = Nodes.started()) {
            node.addPod("pod", node.tsnEntry());
            replaceRoot(node, "etf", "clockid", "CLOCK_TAI", "delta", "200000");
            awaitSeen(node, "etf");
            assertTrue(
                    node.agent().stderr().contains("skip_sock_check"),
                    node.agent().stderr());
        }
    }
}

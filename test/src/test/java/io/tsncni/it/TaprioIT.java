// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tsncni.testbed.CniFailure;
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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The qdisc that all this is for: which of its queues a pod's packets leave by, and that it keeps running. */
@RequiresRoot
@Tag("kernel")
class TaprioIT {
    private static final int PACKETS = 200;

    @BeforeEach
    void requireTaprio() {
        assumeTrue(Qdisc.best() == Qdisc.TAPRIO, "this kernel has no taprio");
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcx", "clsact"})
    @Tag("kernel-ci")
    void aPodsPacketsLeaveByTheQueueOfTheirPriority(String carrier) {
        try (Node node = Nodes.started(carrier, Qdisc.TAPRIO)) {
            Pod pod = node.addPod("pod", node.tsnEntry());
            pod.warmUp(node.nic(), node.nic().address());
            Map<Integer, Long> before = node.nic().classes();
            for (int priority : new int[] {2, 4, 5, 6}) {
                Nodes.udp(pod, node.nic().address(), Nodes.port(priority), priority, PACKETS);
            }
            assertLeft(node, before, 1, PACKETS);
            assertLeft(node, before, 2, 2 * PACKETS);
            assertLeft(node, before, 3, PACKETS);
        }
    }

    private static void assertLeft(Node node, Map<Integer, Long> before, int queue, long packets) {
        Eventually.assertTrue(
                Duration.ofSeconds(5),
                () -> node.nic().classes().get(queue) - before.get(queue) >= packets,
                "packets are missing from queue " + queue);
        assertEquals(packets, node.nic().classes().get(queue) - before.get(queue), "by queue " + queue);
    }

    /** Up to 6.12 any change of the device's qdiscs deactivates it, and with that the schedule stands still for good. */
    @Test
    void aNicWhoseTaprioRunsWithoutClsactIsRefusedAndGoesOn() {
        try (Node node = Nodes.started("clsact")) {
            String nic = "ta" + node.nic().name().substring(3);
            Shell.run("ip", "link", "add", nic, "numtxqueues", "4", "type", "veth", "peer", "name", nic + "p");
            Shell.run("ip", "link", "set", nic + "p", "up");
            Shell.run("ip", "link", "set", nic, "up");
            Shell.of("tc", "qdisc", "add", "dev", nic, "parent", "root", "handle", "100:", "taprio", "num_tc", "2")
                    .and("map", "0", "1", "queues", "1@0", "1@1", "base-time", "0")
                    .and("sched-entry", "S", "01", "1000000", "sched-entry", "S", "02", "1000000")
                    .and("flags", "0x0", "clockid", "CLOCK_TAI")
                    .run();
            assertSends(node, nic);

            CniFailure failure = assertThrows(
                    CniFailure.class, () -> node.addPod("pod", node.tsnEntry().put("egress", nic)));
            assertTrue(failure.msg().contains("tc qdisc add dev " + nic + " clsact"), failure.raw());
            assertSends(node, nic);
            Shell.run("ip", "link", "del", nic);
        }
    }

    private static void assertSends(Node node, String nic) {
        long before = received(nic + "p");
        Shell.of(node.artifacts().talker(), "raw", "--dev", nic, "--ethertype", "0x22f0", "--count", "10")
                .run();
        Eventually.assertTrue(
                Duration.ofSeconds(2), () -> received(nic + "p") >= before + 10, "taprio on " + nic + " sends nothing");
    }

    private static long received(String device) {
        try {
            return Long.parseLong(Files.readString(Path.of("/sys/class/net", device, "statistics/rx_packets"))
                    .strip());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

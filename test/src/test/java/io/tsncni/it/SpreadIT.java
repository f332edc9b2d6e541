// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tsncni.testbed.Node;
import io.tsncni.testbed.Pod;
import io.tsncni.testbed.Seen;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A stamp leaves the choice of CPUs and queues to the flow: it has the flow's own hash in its top bits. */
@RequiresRoot
class SpreadIT {
    private static final int FLOWS = 64;
    private static final int PACKETS = 200;

    @Test
    void flowsOfOnePrioritySpreadOverRpsCpusAndTransmitQueuesAndStayInOrder() throws IOException {
        int cpus = Runtime.getRuntime().availableProcessors();
        assumeTrue(cpus > 1, "one CPU: nothing to spread over");
        try (Node node = Nodes.started()) {
            Pod pod = node.addPod("pod", node.tsnEntry());
            pod.warmUp(node.nic(), node.nic().address());
            steerReceivedPackets(node, (1 << cpus) - 1);

            long everyCpu = 0;
            long everyQueue = 0;
            for (int flow = 0; flow < FLOWS; flow++) {
                int port = Nodes.port(flow);
                Nodes.udp(pod, node.nic().address(), port, 5, PACKETS);
                // With RPS another CPU forwards them, perhaps after the talker has ended.
                Eventually.assertTrue(
                        Duration.ofSeconds(5), () -> node.nic().seen(port).total() == PACKETS, "packets are missing");
                Seen seen = node.nic().seen(port);
                assertEquals(PACKETS, seen.at(5));
                assertEquals(0, seen.outOfOrder(), "packets out of order in " + seen);
                assertEquals(1, Long.bitCount(seen.cpus()), "one flow on several CPUs: " + seen);
                assertEquals(1, Long.bitCount(seen.queues()), "one flow on several queues: " + seen);
                everyCpu |= seen.cpus();
                everyQueue |= seen.queues();
            }
            // 64 flows miss one of two CPUs, or one of four queues, once in 10^8 runs or more seldom.
            assertEquals(cpus, Long.bitCount(everyCpu), "CPUs used: " + Long.toBinaryString(everyCpu));
            assertEquals(4, Long.bitCount(everyQueue), "queues used: " + Long.toBinaryString(everyQueue));
        }
    }

    /** RPS on the host side of every pod. */
    private static void steerReceivedPackets(Node node, int cpus) throws IOException {
        int peer = node.agent().status().at("/attachments/0/peerIfIndex").asInt();
        try (Stream<Path> devices = Files.list(Path.of("/sys/class/net"))) {
            for (Path device : devices.toList()) {
                if (Integer.parseInt(Files.readString(device.resolve("ifindex")).strip()) == peer) {
                    Files.writeString(device.resolve("queues/rx-0/rps_cpus"), Integer.toHexString(cpus));
                    return;
                }
            }
        }
        fail("no device has ifindex " + peer + ", the host side that the agent reports");
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.tsncni.testbed.Node;
import io.tsncni.testbed.Talker;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;

/** That a talker's packets are seen by the NIC's qdisc with the priorities of a map, all of them and no others. */
final class Mapped {
    /** A map that an accident does not make: two priorities change places, one is cut down, the rest lose theirs. */
    static final JsonNode MAP = Nodes.json("{\"2\": 5, \"5\": 2, \"4\": 3, \"*\": 0}");

    static final Map<Integer, Integer> EXPECTED = Map.of(0, 0, 2, 5, 5, 2, 4, 3, 6, 0);
    /** Without a policy the kernel wipes them all. */
    static final Map<Integer, Integer> WIPED = Map.of(0, 0, 2, 0, 5, 0, 4, 0);

    private static final int PACKETS = 100;
    /** Ports are never used again: what arrived late for one assertion must not count for the next. */
    private static final AtomicInteger OFFSET = new AtomicInteger();

    private Mapped() {}

    static void assertMapped(Node node, Talker talker) {
        assertSeen(node, talker, EXPECTED);
    }

    static void assertSeen(Node node, Talker talker, Map<Integer, Integer> priorities) {
        talker.warmUp(node.nic(), node.nic().address());
        assertEquals(expected(priorities), seen(node, talker, priorities), "packets from " + talker + " by priority");
    }

    /** The same, but not at once: a look that begins before the time is over counts. */
    static void assertSeenWithin(Duration patience, Node node, Talker talker, Map<Integer, Integer> priorities) {
        long deadline = System.nanoTime() + patience.toNanos();
        Map<Integer, Map<Integer, Long>> seen;
        boolean last;
        do {
            last = System.nanoTime() > deadline;
            seen = seen(node, talker, priorities);
        } while (!last && !seen.equals(expected(priorities)));
        assertEquals(expected(priorities), seen, "packets from " + talker + " by priority");
    }

    private static Map<Integer, Map<Integer, Long>> expected(Map<Integer, Integer> priorities) {
        Map<Integer, Map<Integer, Long>> expected = new TreeMap<>();
        priorities.forEach((from, to) -> expected.put(from, Map.of(to, (long) PACKETS)));
        return expected;
    }

    /** By the priority that was asked for: packets by the priority that the qdisc saw. */
    private static Map<Integer, Map<Integer, Long>> seen(Node node, Talker talker, Map<Integer, Integer> priorities) {
        Map<Integer, Map<Integer, Long>> seen = new TreeMap<>();
        for (int asked : priorities.keySet()) {
            int port = Nodes.port(OFFSET.getAndIncrement() % 1000);
            var before = node.nic().seen(port);
            Nodes.udp(talker, node.nic().address(), port, asked, PACKETS);
            var arrived = node.nic().seen(port).since(before);
            Map<Integer, Long> packets = new TreeMap<>();
            for (int priority = 0; priority <= 16; priority++) {
                if (arrived.at(priority) != 0) {
                    packets.put(priority, arrived.at(priority));
                }
            }
            seen.put(asked, packets);
        }
        return seen;
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.testbed.Node;
import io.tsncni.testbed.Pod;
import io.tsncni.testbed.Seen;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** SO_TXTIME and priorities over 15, from an application in a pod to the NIC's qdisc. */
@RequiresRoot
class TxtimeIT {
    private static final int COUNT = 100;
    private static final List<String> CLOCKS = List.of("realtime", "monotonic", "tai");

    /** On this kernel as it is, and by every way that another kernel would need. */
    static Stream<String> ways() {
        return Stream.of("", "slots", "clsact,slots");
    }

    private static ObjectNode entry(Node node) {
        return node.tsnEntry(Nodes.json("{\"3\": 5}"));
    }

    private static Seen timed(Node node, Pod pod, String to, int port, String clock, String... more) {
        String[] arguments =
                Stream.concat(Stream.of("--txtime", clock), Stream.of(more)).toArray(String[]::new);
        Nodes.udp(pod, to, Nodes.port(port), 3, COUNT, arguments);
        return node.nic().seen(Nodes.port(port));
    }

    private static void assertExact(Seen seen) {
        assertEquals(COUNT, seen.at(5), seen.toString());
        assertEquals(COUNT, seen.total(), seen.toString());
        assertEquals(COUNT, seen.timed(), seen.toString());
        assertEquals(COUNT, seen.rightTstamps(), seen.toString());
    }

    @ParameterizedTest
    @MethodSource("ways")
    @Tag("kernel")
    void everyPacketHasItsLaunchTimeToTheNanosecond(String way) {
        try (Node node = Nodes.started(way)) {
            Pod pod = node.addPod("pod", entry(node));
            pod.warmUp(node.nic(), node.nic().address());
            pod.warmUp(node.nic(), node.nic().address6());
            int port = 0;
            for (String clock : CLOCKS) {
                assertExact(timed(node, pod, node.nic().address(), port++, clock));
                assertExact(timed(node, pod, node.nic().address6(), port++, clock));
                assertExact(timed(node, pod, node.nic().address(), port++, clock, "--connect"));
            }
            assertEquals(0, node.agent().status().at("/nics/0/counters/stale").asLong());
            pod.del();
            Leftovers.assertNone(node);
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void theFragmentsOfADatagramShareItsLaunchTime(String way) {
        try (Node node = Nodes.started(way)) {
            Pod pod = node.addPod("pod", entry(node));
            pod.warmUp(node.nic(), node.nic().address());
            Seen before = node.nic().observer().laterFragments();
            assertExact(timed(node, pod, node.nic().address(), 1, "tai", "--size", "4000"));
            Seen later = node.nic().observer().laterFragments();
            assertEquals(2 * COUNT, later.at(5) - before.at(5));
            assertEquals(2 * COUNT, later.timed() - before.timed());
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void twoPodsAtOnceGetEachTheirOwn(String way) {
        try (Node node = Nodes.started(way)) {
            Pod one = node.addPod("one", entry(node));
            Pod other = node.addPod("other", entry(node));
            one.warmUp(node.nic(), node.nic().address());
            other.warmUp(node.nic(), node.nic().address());
            Thread thread = new Thread(() -> timed(node, other, node.nic().address(), 2, "realtime", "--pps", "2000"));
            thread.start();
            assertExact(timed(node, one, node.nic().address(), 1, "tai", "--pps", "2000"));
            assertTrue(joined(thread));
            assertExact(node.nic().seen(Nodes.port(2)));
        }
    }

    private static boolean joined(Thread thread) {
        try {
            thread.join(30_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return !thread.isAlive();
    }

    @Test
    void clearTakesTheLaunchTimeAway() {
        try (Node node = Nodes.started()) {
            Pod pod = node.addPod("pod", entry(node).put("txtime", "clear"));
            pod.warmUp(node.nic(), node.nic().address());
            Seen seen = timed(node, pod, node.nic().address(), 1, "tai");
            assertEquals(COUNT, seen.at(5));
            assertEquals(0, seen.timed());
        }
    }

    /** What a pod without launch times sends has none, whatever slots hold. */
    @ParameterizedTest
    @MethodSource("ways")
    void aPacketWithoutALaunchTimeGetsNone(String way) {
        try (Node node = Nodes.started(way)) {
            Pod pod = node.addPod("pod", entry(node));
            pod.warmUp(node.nic(), node.nic().address());
            timed(node, pod, node.nic().address(), 1, "tai");
            Nodes.udp(pod, node.nic().address(), Nodes.port(2), 3, COUNT);
            assertEquals(COUNT, node.nic().seen(Nodes.port(2)).at(5));
            assertEquals(0, node.nic().seen(Nodes.port(2)).timed());
        }
    }

    @Test
    void aMacvlanPodsLaunchTimesArriveWhateverTheKernelKeeps() {
        try (Node node = Nodes.started("slots")) {
            Pod pod = node.addPod("pod", node.runtime(PathIT.macvlan(node)));
            pod.netns().exec("ip", "route", "replace", "198.18.0.0/15", "dev", "eth0");
            pod.warmUp(node.nic(), node.nic().address());
            Nodes.udp(pod, node.nic().address(), Nodes.port(1), 3, COUNT, "--txtime", "realtime");
            Seen seen = node.nic().seen(Nodes.port(1));
            assertEquals(COUNT, seen.at(9));
            assertEquals(COUNT, seen.rightTstamps());
        }
    }

    /** A handle of one of the qdisc's classes: htb goes by it without asking its filter. */
    @ParameterizedTest
    @ValueSource(strings = {"", "clsact"})
    @Tag("kernel")
    void aPriorityOver15ChoosesAClassByItsHandle(String way) {
        try (Node node = Nodes.started(way)) {
            Pod pod = node.addPod("pod", node.tsnEntry(Nodes.json("{\"3\": 65557, \"4\": 4294967295}")));
            pod.warmUp(node.nic(), node.nic().address());
            Map<Integer, Long> before = node.nic().classes();
            Nodes.udp(pod, node.nic().address(), Nodes.port(1), 3, COUNT);
            assertEquals(COUNT, node.nic().classes().get(5) - before.get(5));
            Nodes.udp(pod, node.nic().address(), Nodes.port(2), 4, COUNT);
            assertEquals(COUNT, node.nic().seen(Nodes.port(2)).at(16));
            assertEquals(0xffffffffL, node.nic().seen(Nodes.port(2)).lastPriority());
            JsonNode nic = node.agent().status().at("/nics/0");
            assertEquals(2 * COUNT, nic.at("/counters/restored/other/packets").asLong());
            assertEquals(
                    "htb, pfifo",
                    nic.path("qdiscs").asText().replace("clsact, ", "").replace(", clsact", ""));
        }
    }

    @Test
    void theStatusSaysWhatTheKernelKeepsAndWhatWasRestored() {
        try (Node node = Nodes.started("slots")) {
            Pod pod = node.addPod("pod", entry(node));
            pod.warmUp(node.nic(), node.nic().address());
            assertExact(timed(node, pod, node.nic().address(), 1, "monotonic"));
            JsonNode status = node.agent().status();
            assertTrue(status.at("/kernel/keepsTxtime").isEmpty(), status.toString());
            assertEquals(COUNT, status.at("/nics/0/counters/txtimeRestored").asLong());
            assertEquals(0, status.at("/nics/0/counters/stale").asLong());
        }
    }
}

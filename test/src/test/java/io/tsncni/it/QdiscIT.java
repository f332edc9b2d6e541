// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tsncni.linux.libc.Clock;
import io.tsncni.testbed.Node;
import io.tsncni.testbed.Pod;
import io.tsncni.testbed.Shell;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongPredicate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Queueing disciplines of the NIC that go by launch times, where the kernel has them: "./tsn test --kernel" does. */
@RequiresRoot
@Tag("kernel")
class QdiscIT {
    private static final int COUNT = 50;

    /** An emulated machine is late by more than the 200 us that people give it; what is late, etf drops. */
    private static final int DELTA_MILLIS = 50;

    private static final List<String> ETF =
            List.of("etf", "clockid", "CLOCK_TAI", "delta", DELTA_MILLIS + "000000", "skip_sock_check");

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
            replaceRoot(node, ETF.toArray(String[]::new));
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

    /**
     * Priority 3 may leave in the second of every two seconds. taprio's own schedule opens and shuts, and etf below it goes
     * by the time that the application has given; with txtime-assist taprio writes that time itself, whatever was asked.
     */
    @ParameterizedTest
    @ValueSource(strings = {"", "txtime-assist"})
    void taprioSendsTimedPacketsWhileTheirGateIsOpen(String assist) throws Exception {
        try (Node node = Nodes.started()) {
            Pod pod = node.addPod("pod", node.tsnEntry());
            pod.warmUp(node.nic(), node.nic().address());
            replaceRootByTaprio(node, !assist.isEmpty());
            awaitSeen(node, "taprio");
            assertEquals(
                    !assist.isEmpty(),
                    node.agent().stderr().contains("txtime-assist"),
                    node.agent().stderr());

            // Early in the gate after the next: the talker counts from its own start, which is a little later.
            long now = Clock.TAI.now();
            long launch = (now / CYCLE_NANOS + 2) * CYCLE_NANOS + CYCLE_NANOS * 11 / 20;
            String ahead = Long.toString(launch - Clock.TAI.now());
            CompletableFuture<Void> sent = CompletableFuture.runAsync(() -> timed(node, pod, "tai", ahead));
            Left left = Left.until(launch + CYCLE_NANOS, node.nic().name());
            sent.get(10, TimeUnit.SECONDS);
            assertTrue(left.inGate() >= COUNT, left + ", " + root(node, "etf"));
            // Somebody's ARP, say, which has no business in that gate.
            assertTrue(left.outside() < COUNT / 10, left.toString());
            if (assist.isEmpty()) {
                assertTrue(left.before(launch - DELTA_MILLIS * 2_000_000L) < COUNT / 10, left.toString());
            }
        }
    }

    private static final long CYCLE_NANOS = 2_000_000_000L;

    /** What left a device, and when at the latest. */
    private record Left(Map<Long, Long> packets) {
        static Left until(long end, String device) throws Exception {
            Map<Long, Long> packets = new TreeMap<>();
            Path counter = Path.of("/sys/class/net", device, "statistics/tx_packets");
            long before = Long.parseLong(Files.readString(counter).strip());
            for (long now = 0; now < end; ) {
                Thread.sleep(5);
                long after = Long.parseLong(Files.readString(counter).strip());
                now = Clock.TAI.now();
                if (after > before) {
                    packets.put(now, after - before);
                }
                before = after;
            }
            return new Left(packets);
        }

        /** Not sharper than an emulated machine's timers. */
        private static boolean isInGate(long time) {
            long phase = Math.floorMod(time, CYCLE_NANOS);
            return phase >= CYCLE_NANOS / 2 - 2_000_000L * DELTA_MILLIS || phase < 2_000_000L * DELTA_MILLIS;
        }

        private long sum(LongPredicate when) {
            return packets.entrySet().stream()
                    .filter(entry -> when.test(entry.getKey()))
                    .mapToLong(Map.Entry::getValue)
                    .sum();
        }

        long inGate() {
            return sum(Left::isInGate);
        }

        long outside() {
            return sum(time -> !isInGate(time));
        }

        long before(long launch) {
            return sum(time -> time < launch);
        }
    }

    private static void replaceRootByTaprio(Node node, boolean assist) {
        String device = node.nic().name();
        String[] schedule = {
            "base-time", "0", "sched-entry", "S", "01", "1000000000", "sched-entry", "S", "02", "1000000000"
        };
        Shell taprio = Shell.of("tc", "qdisc", "replace", "dev", device, "root", "handle", "100:", "taprio")
                .and("num_tc", "2", "map", "0", "0", "0", "1", "0", "0", "0", "0")
                .and("0", "0", "0", "0", "0", "0", "0", "0", "queues", "1@0", "1@1")
                .and(schedule)
                .and(
                        assist
                                ? new String[] {"flags", "0x1", "txtime-delay", "200000000"}
                                : new String[] {"flags", "0x0"})
                .and("clockid", "CLOCK_TAI");
        assumeTrue(taprio.attempt().exit() == 0, "this kernel has no taprio");
        Shell.of("tc", "qdisc", "replace", "dev", device, "parent", "100:2")
                .and(ETF.toArray(String[]::new))
                .run();
        if (!assist) {
            // Another child deactivates the device, and the schedule stands still until it is given anew.
            Shell.of("tc", "qdisc", "change", "dev", device, "root", "handle", "100:", "taprio")
                    .and(schedule)
                    .and("clockid", "CLOCK_TAI")
                    .run();
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

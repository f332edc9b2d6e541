// SPDX-License-Identifier: Apache-2.0
package io.tsncni.testbed;

import io.tsncni.linux.libbpf.BpfRunStats;
import io.tsncni.linux.libc.Fd;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * What a packet costs from a pod to the NIC, by each variant. All take turns in short rounds, in another order each time:
 * whatever else happens to the machine happens to all of them.
 */
final class DatapathBench {
    static final List<Integer> SCALE = List.of(1, 100, 500);
    static final int TIMED_PER_SECOND = 20_000;

    private static final int WARM_UP = 10_000;
    private static final int ROUNDS = 200;
    private static final int BURST = 2_000;
    private static final int TIMED_ROUNDS = 40;
    private static final int TIMED = 2_000;

    private final Artifacts artifacts;

    DatapathBench(Artifacts artifacts) {
        this.artifacts = artifacts;
    }

    /**
     * Everything measured.
     *
     * @param <K> who competed: variants, or how many pods are attached
     * @param path ns a packet, all of the way, on one CPU
     * @param programs ns a packet, both programs, as the kernel measures them
     */
    record Cost<K>(Samples<K> path, Samples<K> programs) {
        Cost() {
            this(new Samples<>(), new Samples<>());
        }
    }

    /** How one variant ended. */
    record Outcome(Arrivals timed, long lost, double inTheirClass, String remark) {}

    /** All that the report is made of. */
    record Result(Map<Traffic, Cost<Variant>> costs, Map<Variant, Outcome> outcomes, Cost<Integer> scale) {}

    Result run() throws IOException {
        Map<Traffic, Cost<Variant>> costs = new EnumMap<>(Traffic.class);
        Map<Variant, Outcome> outcomes = new EnumMap<>(Variant.class);
        Map<Variant, MeasuredPath> paths = new EnumMap<>(Variant.class);
        try {
            for (Variant variant : Variant.values()) {
                paths.put(variant, new MeasuredPath(artifacts, variant, 1));
            }
            for (Traffic traffic : Traffic.values()) {
                costs.put(traffic, measure(paths, traffic, Variant::hasPrograms));
            }
            for (int round = 0; round < TIMED_ROUNDS; round++) {
                for (Variant variant : inTurn(paths.keySet(), round)) {
                    paths.get(variant).sendTimed(TIMED, TIMED_PER_SECOND);
                }
            }
            for (Map.Entry<Variant, MeasuredPath> path : paths.entrySet()) {
                outcomes.put(path.getKey(), outcome(path.getValue()));
            }
        } finally {
            closeAll(paths.values());
        }
        return new Result(costs, outcomes, scale());
    }

    private static Outcome outcome(MeasuredPath path) throws IOException {
        return new Outcome(path.arrivals(), path.lost(), path.inTheirClass(), path.remark());
    }

    private Cost<Integer> scale() throws IOException {
        Map<Integer, MeasuredPath> paths = new TreeMap<>();
        try {
            // The most first: every agent of this namespace looks up at each new device.
            for (int pods : SCALE.stream().sorted(Comparator.reverseOrder()).toList()) {
                paths.put(pods, new MeasuredPath(artifacts, Variant.TSN, pods));
            }
            return measure(paths, Traffic.ONE_FLOW, pods -> true);
        } finally {
            closeAll(paths.values());
        }
    }

    private static <K> Cost<K> measure(Map<K, MeasuredPath> paths, Traffic traffic, Predicate<K> hasPrograms)
            throws IOException {
        Cost<K> cost = new Cost<>();
        for (MeasuredPath path : paths.values()) {
            path.send(traffic, WARM_UP);
        }
        for (int round = 0; round < ROUNDS; round++) {
            for (K who : inTurn(paths.keySet(), round)) {
                cost.path().add(who, paths.get(who).send(traffic, BURST));
            }
        }
        Fd measuring = BpfRunStats.enable();
        try {
            for (int round = 0; round < ROUNDS / 3; round++) {
                for (K who : inTurn(paths.keySet(), round)) {
                    if (hasPrograms.test(who)) {
                        cost.programs().add(who, paths.get(who).programNanos(traffic, BURST));
                    }
                }
            }
        } finally {
            measuring.close();
        }
        return cost;
    }

    /** Another one first in each round, so that nobody always follows the same one. */
    private static <K> List<K> inTurn(Iterable<K> all, int round) {
        List<K> order = new ArrayList<>();
        all.forEach(order::add);
        Collections.rotate(order, round);
        if (round / order.size() % 2 == 1) {
            Collections.reverse(order);
        }
        return order;
    }

    private static void closeAll(Iterable<MeasuredPath> paths) throws IOException {
        for (MeasuredPath path : paths) {
            path.close();
        }
    }
}

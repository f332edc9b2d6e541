// SPDX-License-Identifier: Apache-2.0
package io.tsncni.testbed;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Figures of several competitors that took turns: the n-th of each belong to the same round. */
final class Samples<K> {
    private final Map<K, List<Double>> values = new HashMap<>();

    void add(K who, double value) {
        values.computeIfAbsent(who, k -> new ArrayList<>()).add(value);
    }

    double median(K who) {
        return median(values.get(who));
    }

    /** The median of the rounds' ratios: what slows a whole round down hits both and falls out. */
    double ratio(K who, K to) {
        List<Double> above = values.get(who);
        List<Double> below = values.get(to);
        return median(IntStream.range(0, above.size())
                .mapToObj(round -> above.get(round) / below.get(round))
                .toList());
    }

    private static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        int half = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(half) : (sorted.get(half - 1) + sorted.get(half)) / 2;
    }
}

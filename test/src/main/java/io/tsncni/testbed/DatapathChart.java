// SPDX-License-Identifier: Apache-2.0
package io.tsncni.testbed;

import io.tsncni.testbed.BarChart.Bar;
import io.tsncni.testbed.BarChart.Tone;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** The chart beside the {@link DatapathReport}. */
final class DatapathChart {
    private DatapathChart() {}

    static String svg(String machine, DatapathBench.Result result) {
        BarChart chart = new BarChart(machine);
        for (Traffic traffic : List.of(Traffic.CONNECTED, Traffic.ONE_FLOW)) {
            chart.panel("Programs alone, ns a packet: " + traffic, programs(result, traffic));
        }
        return chart.panel("Pod to NIC, ns a packet: " + Traffic.ONE_FLOW, paths(result))
                .panel("Pod to NIC, one packet at a time, us", delays(result))
                .panel("Pod to NIC with so many pods attached, ns a packet", scale(result))
                .svg();
    }

    private static List<Bar> programs(DatapathBench.Result result, Traffic traffic) {
        return Stream.of(Variant.values())
                .filter(Variant::hasPrograms)
                .map(variant -> nanos(
                        variant,
                        variant.toString(),
                        result.costs().get(traffic).programs().median(variant)))
                .toList();
    }

    private static List<Bar> paths(DatapathBench.Result result) {
        return Stream.of(Variant.values())
                .map(variant -> nanos(
                        variant,
                        variant.toString(),
                        result.costs().get(Traffic.ONE_FLOW).path().median(variant)))
                .toList();
    }

    private static List<Bar> delays(DatapathBench.Result result) {
        List<Bar> bars = new ArrayList<>();
        for (Map.Entry<String, Double> percentile :
                List.of(Map.entry("p50", 0.5), Map.entry("p99", 0.99), Map.entry("p99.9", 0.999))) {
            for (Variant variant : List.of(Variant.NONE, Variant.TSN)) {
                double micros = result.outcomes().get(variant).timed().percentile(percentile.getValue()) / 1e3;
                String shown = String.format(Locale.ROOT, "%.1f", micros);
                bars.add(new Bar(percentile.getKey() + ", " + variant, micros, shown, tone(variant)));
            }
        }
        return bars;
    }

    private static List<Bar> scale(DatapathBench.Result result) {
        return DatapathBench.SCALE.stream()
                .map(pods -> nanos(
                        Variant.TSN,
                        pods == 1 ? "1 pod" : pods + " pods",
                        result.scale().path().median(pods)))
                .toList();
    }

    private static Bar nanos(Variant variant, String label, double value) {
        return new Bar(label, value, String.format(Locale.ROOT, "%.0f", value), tone(variant));
    }

    private static Tone tone(Variant variant) {
        return switch (variant) {
            case TSN -> Tone.OURS;
            case ADDRESS_MAP -> Tone.OTHER;
            default -> Tone.PLAIN;
        };
    }
}

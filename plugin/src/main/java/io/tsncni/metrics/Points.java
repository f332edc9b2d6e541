// SPDX-License-Identifier: Apache-2.0
package io.tsncni.metrics;

import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot.InfoDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** The numbers of one scrape. Metrics without one are left out. */
final class Points {
    private final Map<Metric, Map<Labels, Double>> values = new EnumMap<>(Metric.class);

    /** Of the same labels only the last counts: two would void the whole scrape. */
    void add(Metric metric, double value, String... labels) {
        values.computeIfAbsent(metric, first -> new LinkedHashMap<>())
                .put(Labels.of(metric.labels().toArray(String[]::new), labels), value);
    }

    MetricSnapshots snapshots() {
        return new MetricSnapshots(values.entrySet().stream()
                .map(entry -> snapshot(entry.getKey(), entry.getValue()))
                .toList());
    }

    private static MetricSnapshot snapshot(Metric metric, Map<Labels, Double> points) {
        MetricSnapshot.Builder<?> family =
                switch (metric.type()) {
                    case COUNTER -> counter(points);
                    case GAUGE -> gauge(points);
                    case INFO -> info(points);
                    case HISTOGRAM -> throw new IllegalArgumentException(metric + " is no number");
                };
        return family.name(metric.family()).help(metric.help()).build();
    }

    private static CounterSnapshot.Builder counter(Map<Labels, Double> points) {
        CounterSnapshot.Builder family = CounterSnapshot.builder();
        points.forEach((labels, value) -> family.dataPoint(
                CounterDataPointSnapshot.builder().labels(labels).value(value).build()));
        return family;
    }

    private static GaugeSnapshot.Builder gauge(Map<Labels, Double> points) {
        GaugeSnapshot.Builder family = GaugeSnapshot.builder();
        points.forEach((labels, value) -> family.dataPoint(
                GaugeDataPointSnapshot.builder().labels(labels).value(value).build()));
        return family;
    }

    private static InfoSnapshot.Builder info(Map<Labels, Double> points) {
        InfoSnapshot.Builder family = InfoSnapshot.builder();
        points.keySet()
                .forEach(labels -> family.dataPoint(
                        InfoDataPointSnapshot.builder().labels(labels).build()));
        return family;
    }
}

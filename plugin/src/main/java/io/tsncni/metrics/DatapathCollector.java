// SPDX-License-Identifier: Apache-2.0
package io.tsncni.metrics;

import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.tsncni.cni.AttachmentKey;
import io.tsncni.datapath.RestorerCounters;
import io.tsncni.datapath.SaverCounters;
import io.tsncni.datapath.SaverState;
import io.tsncni.datapath.Stamp;
import io.tsncni.datapath.Traffic;
import io.tsncni.metrics.MeasuredDatapath.Nic;
import io.tsncni.metrics.MeasuredDatapath.Saver;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The counters of the programs, read from the kernel at each scrape: they go on when the agent does not. It takes no
 * lock, so no CNI request waits for it, nor it for one.
 */
final class DatapathCollector implements MultiCollector {
    private final MeasuredDatapath datapath;
    private final AtomicLong restorerErrors = new AtomicLong();
    private final AtomicLong saverErrors = new AtomicLong();

    DatapathCollector(MeasuredDatapath datapath) {
        this.datapath = datapath;
    }

    @Override
    public MetricSnapshots collect() {
        Points points = new Points();
        attachments(points);
        for (Nic nic : datapath.nics()) {
            points.add(Metric.RESTORER_ATTACHED, nic.restorer().isPresent() ? 1 : 0, nic.name());
            nic.restorer().ifPresent(carrier -> points.add(Metric.RESTORER, 1, nic.name(), carrier.toString()));
            points.add(Metric.RESTORER_LOSSES, nic.losses(), nic.name());
            read(restorerErrors, () -> datapath.restorer(nic.name()))
                    .ifPresent(counters -> restorer(points, nic.name(), counters));
        }
        for (Saver saver : datapath.savers()) {
            // One series each, or no other metric could be joined with it.
            String nics = String.join(",", saver.egress());
            points.add(
                    Metric.SAVER, 1, SaverLabels.of(saver, nics, saver.carrier(), saver.direct() ? "direct" : "stamp"));
            read(saverErrors, () -> datapath.saver(saver.program()))
                    .ifPresent(counters -> saver(points, saver, counters));
        }
        points.add(Metric.SCRAPE_ERRORS, restorerErrors.get(), "restorer");
        points.add(Metric.SCRAPE_ERRORS, saverErrors.get(), "saver");
        return points.snapshots();
    }

    private interface Read<T> {
        Optional<T> now() throws IOException;
    }

    /** One that cannot be read is no reason to show none. */
    private static <T> Optional<T> read(AtomicLong errors, Read<T> read) {
        try {
            return read.now();
        } catch (IOException | RuntimeException e) {
            errors.incrementAndGet();
            return Optional.empty();
        }
    }

    private void attachments(Points points) {
        Map<String, Integer> counts = new TreeMap<>(Map.of("none", 0));
        for (SaverState state : SaverState.values()) {
            counts.put(state.toString(), 0);
        }
        for (Optional<AttachmentKey> program : datapath.programs()) {
            Optional<String> state = program.isEmpty()
                    ? Optional.of("none")
                    : read(saverErrors, () -> Optional.of(datapath.state(program.get())))
                            .map(SaverState::toString);
            state.ifPresent(known -> counts.merge(known, 1, Integer::sum));
        }
        counts.forEach((state, count) -> points.add(Metric.ATTACHMENTS, count, state));
    }

    private static void restorer(Points points, String nic, RestorerCounters counters) {
        for (int priority = 0; priority < counters.restored().size(); priority++) {
            Traffic traffic = counters.restored().get(priority);
            if (traffic.packets() > 0) {
                points.add(Metric.RESTORER_PACKETS, traffic.packets(), nic, Stamp.nameOf(priority));
                points.add(Metric.RESTORER_BYTES, traffic.bytes(), nic, Stamp.nameOf(priority));
            }
        }
        points.add(Metric.RESTORER_UNSTAMPED, counters.unstampedForwarded(), nic, "forwarded");
        points.add(Metric.RESTORER_UNSTAMPED, counters.unstampedLocal(), nic, "local");
        points.add(Metric.RESTORER_REJECTED, counters.rejected(), nic);
        points.add(Metric.RESTORER_STALE, counters.stale(), nic);
        points.add(Metric.RESTORER_TXTIME, counters.txtimeRestored(), nic, "restored");
        points.add(Metric.RESTORER_TXTIME, counters.txtimeConverted(), nic, "converted");
        points.add(Metric.RESTORER_TXTIME, counters.txtimeCleared(), nic, "cleared");
    }

    private static void saver(Points points, Saver saver, SaverCounters counters) {
        for (int priority = 0; priority < counters.to().size(); priority++) {
            Traffic traffic = counters.to().get(priority);
            if (traffic.packets() > 0) {
                points.add(Metric.SAVER_PACKETS, traffic.packets(), SaverLabels.of(saver, Stamp.nameOf(priority)));
                points.add(Metric.SAVER_BYTES, traffic.bytes(), SaverLabels.of(saver, Stamp.nameOf(priority)));
            }
        }
        byPriority(points, Metric.SAVER_REQUESTED, saver, counters.from());
        byPriority(points, Metric.SAVER_DROPPED, saver, counters.dropped());
    }

    private static void byPriority(Points points, Metric metric, Saver saver, List<Long> numbers) {
        for (int priority = 0; priority < numbers.size(); priority++) {
            if (numbers.get(priority) > 0) {
                points.add(metric, numbers.get(priority), SaverLabels.of(saver, Stamp.nameOf(priority)));
            }
        }
    }
}

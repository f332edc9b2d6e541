// SPDX-License-Identifier: Apache-2.0
package io.tsncni.metrics;

import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What is known of the agent without asking the kernel's programs. */
final class AgentCollector implements MultiCollector {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Pattern RESIDENT = Pattern.compile("^VmRSS:\\s+(\\d+) kB$", Pattern.MULTILINE);

    private final MeasuredAgent agent;

    AgentCollector(MeasuredAgent agent) {
        this.agent = agent;
    }

    @Override
    public MetricSnapshots collect() {
        Points points = new Points();
        points.add(Metric.BUILD, 1, agent.version());
        points.add(Metric.UNREADY_REASONS, agent.unreadyReasons());
        agent.kubernetesSynced().ifPresent(synced -> points.add(Metric.KUBERNETES_SYNCED, synced ? 1 : 0));
        Optional<MeasuredAgent.ChainedEntry> entry = agent.entry();
        entry.flatMap(MeasuredAgent.ChainedEntry::inserted)
                .ifPresent(inserted -> points.add(Metric.ENTRY_INSERTED, inserted ? 1 : 0));
        // Also before there is any: an alert on their growth has to know zero.
        points.add(
                Metric.ENTRY_INSERTIONS,
                entry.map(MeasuredAgent.ChainedEntry::insertions).orElse(0L));
        points.add(
                Metric.ENTRY_BACKOFFS,
                entry.map(MeasuredAgent.ChainedEntry::backoffs).orElse(0L));
        residentBytes().ifPresent(bytes -> points.add(Metric.RESIDENT_MEMORY, bytes));
        ProcessHandle.current()
                .info()
                .startInstant()
                .ifPresent(start -> points.add(Metric.START_TIME, start.toEpochMilli() / 1e3));
        return points.snapshots();
    }

    private static OptionalLong residentBytes() {
        try {
            Matcher line = RESIDENT.matcher(Files.readString(STATUS));
            return line.find() ? OptionalLong.of(Long.parseLong(line.group(1)) * 1024) : OptionalLong.empty();
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.metrics;

import io.tsncni.cni.AttachmentKey;
import io.tsncni.cni.PodRef;
import io.tsncni.datapath.Carrier;
import io.tsncni.datapath.RestorerCounters;
import io.tsncni.datapath.SaverCounters;
import io.tsncni.datapath.SaverState;
import io.tsncni.datapath.Traffic;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A node with as many NICs and pods as a test gives it. */
final class FakeNode implements MeasuredAgent, MeasuredDatapath {
    static final int ROWS = 17;

    /** What reading a counter comes to. */
    interface Reading<T> {
        Optional<T> now() throws IOException;
    }

    private final Map<Nic, Reading<RestorerCounters>> nics = new LinkedHashMap<>();
    private final Map<Saver, Reading<SaverCounters>> savers = new LinkedHashMap<>();
    private final List<Optional<AttachmentKey>> programs = new ArrayList<>();
    final Map<AttachmentKey, SaverState> states = new LinkedHashMap<>();
    int unready;
    Optional<Boolean> synced = Optional.empty();
    Optional<ChainedEntry> entry = Optional.empty();

    FakeNode nic(Nic nic, Reading<RestorerCounters> counters) {
        nics.put(nic, counters);
        return this;
    }

    /** On a NIC that has its restorer. */
    FakeNode nic(String name, Reading<RestorerCounters> counters) {
        return nic(new Nic(name, Optional.of(Carrier.TCX), 0), counters);
    }

    FakeNode saver(Saver saver, SaverState state, Reading<SaverCounters> counters) {
        savers.put(saver, counters);
        programs.add(Optional.of(saver.program()));
        states.put(saver.program(), state);
        return this;
    }

    /** Of plant/plc-0, on eth0. */
    FakeNode saver(String containerId, Reading<SaverCounters> counters) {
        return saver(saverOf(containerId, "tsn0"), SaverState.ATTACHED, counters);
    }

    /** An attachment that has none. */
    FakeNode without() {
        programs.add(Optional.empty());
        return this;
    }

    static Saver saverOf(String containerId, String... egress) {
        PodRef pod = new PodRef("plant", "plc-0", Optional.empty(), Optional.empty());
        return new Saver(
                new AttachmentKey(containerId, "eth0"), Optional.of(pod), "eth0", List.of(egress), "tcx", false);
    }

    /** One number a priority, 0 to 15 and other. */
    static List<Long> at(int priority, long packets) {
        List<Long> numbers = new ArrayList<>(Collections.nCopies(ROWS, 0L));
        numbers.set(priority, packets);
        return numbers;
    }

    static List<Traffic> at(int priority, long packets, long bytes) {
        List<Traffic> traffic = new ArrayList<>(Collections.nCopies(ROWS, new Traffic(0, 0)));
        traffic.set(priority, new Traffic(packets, bytes));
        return traffic;
    }

    /** Of a NIC that has restored this much. */
    static Optional<RestorerCounters> restored(int priority, long packets, long bytes) {
        return Optional.of(new RestorerCounters(at(priority, packets, bytes), 1, 2, 3, 4, 5, 6, 7));
    }

    static Optional<SaverCounters> sent(int priority, long packets, long bytes) {
        return Optional.of(new SaverCounters(at(priority, packets, bytes), at(3, packets + 9), at(4, 9)));
    }

    String text() {
        return page("", new RequestMetrics());
    }

    String page(String accept, RequestMetrics requests) {
        return new String(new MetricsPage(this, this, requests).render(accept).body(), StandardCharsets.UTF_8);
    }

    @Override
    public String version() {
        return "0.1.0";
    }

    @Override
    public int unreadyReasons() {
        return unready;
    }

    @Override
    public Optional<Boolean> kubernetesSynced() {
        return synced;
    }

    @Override
    public Optional<ChainedEntry> entry() {
        return entry;
    }

    @Override
    public List<Nic> nics() {
        return List.copyOf(nics.keySet());
    }

    @Override
    public List<Saver> savers() {
        return List.copyOf(savers.keySet());
    }

    @Override
    public List<Optional<AttachmentKey>> programs() {
        return programs;
    }

    @Override
    public Optional<RestorerCounters> restorer(String name) throws IOException {
        for (Map.Entry<Nic, Reading<RestorerCounters>> nic : nics.entrySet()) {
            if (nic.getKey().name().equals(name)) {
                return nic.getValue().now();
            }
        }
        throw new AssertionError(name);
    }

    @Override
    public Optional<SaverCounters> saver(AttachmentKey program) throws IOException {
        for (Map.Entry<Saver, Reading<SaverCounters>> saver : savers.entrySet()) {
            if (saver.getKey().program().equals(program)) {
                return saver.getValue().now();
            }
        }
        throw new AssertionError(program);
    }

    @Override
    public SaverState state(AttachmentKey program) throws IOException {
        return states.get(program);
    }
}

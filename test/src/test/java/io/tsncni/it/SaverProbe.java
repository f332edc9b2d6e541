// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import io.tsncni.it.StampProbe.Outcome;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The saver in its probe. Starts with the default policy: 0 to 15 as they are, the rest 0. */
final class SaverProbe implements AutoCloseable {
    static final int DROP = 1;
    static final int CLEAR_TXTIME = 2;
    static final int KEEP = 4;
    static final int OTHER = 16;

    /** What a kernel with types for all clocks keeps by itself. */
    private static final int KEEPS_TXTIME = 7 << 8;

    static final int FORCE_SLOTS = 8;

    private static final List<String> COUNTERS = Stream.of(
                    slots("to[%d].packets", "to[%d].bytes"), slots("from[%d]"), slots("dropped[%d]"))
            .flatMap(List::stream)
            .toList();

    private final StampProbe probe;

    private SaverProbe(StampProbe probe) throws IOException {
        this.probe = probe;
        for (int priority = 0; priority < OTHER; priority++) {
            policy(priority, 0, priority);
        }
    }

    static SaverProbe stamping(StampIdentity identity) throws IOException {
        return new SaverProbe(StampProbe.load("saver", identity.tag(), identity.proof(), 0, KEEPS_TXTIME));
    }

    /** On a kernel that loses every launch time. */
    static SaverProbe carrying(StampIdentity identity, int kernel) throws IOException {
        return new SaverProbe(StampProbe.load("saver", identity.tag(), identity.proof(), 0, kernel));
    }

    /** For an interface that crosses no veth. */
    static SaverProbe direct() throws IOException {
        return new SaverProbe(
                StampProbe.load("saver", StampIdentity.SOME.tag(), StampIdentity.SOME.proof(), 1, KEEPS_TXTIME));
    }

    private static List<String> slots(String... names) {
        return IntStream.rangeClosed(0, OTHER)
                .boxed()
                .flatMap(slot -> Stream.of(names).map(name -> name.formatted(slot)))
                .toList();
    }

    SaverProbe policy(int slot, int action, long priority) throws IOException {
        probe.put("policy", slot, action, (int) priority);
        return this;
    }

    StampProbe probe() {
        return probe;
    }

    Outcome run(StampSkb skb) throws IOException {
        return probe.run(skb);
    }

    Outcome run(StampSkb skb, int times) throws IOException {
        return probe.run(skb, times);
    }

    /** "to[3].packets" and the like; what is not there is 0. */
    Map<String, Long> counted() throws IOException {
        return probe.counted("saver_stats", COUNTERS);
    }

    static int slot(long podPriority) {
        return podPriority < OTHER ? (int) podPriority : OTHER;
    }

    @Override
    public void close() {
        probe.close();
    }
}

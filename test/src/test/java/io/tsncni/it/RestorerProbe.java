// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import io.tsncni.it.StampProbe.Outcome;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The restorer in its probe. Knows one pod, and starts with the default: unstamped forwarded packets get 0. */
final class RestorerProbe implements AutoCloseable {
    static final int KEEP_UNSTAMPED = 1;
    static final int TRUST_HASH = 2;
    static final int FQ = 8;

    /** The host-side device of an attached pod, and a device that is nobody's. */
    static final int PEER = 17;

    static final int STRANGER = 18;

    private static final List<String> COUNTERS = Stream.concat(
                    IntStream.rangeClosed(0, 16).boxed().flatMap(priority -> Stream.of("packets", "bytes")
                            .map(what -> "restored[%d].%s".formatted(priority, what))),
                    Stream.of(
                            "unstamped_forwarded",
                            "unstamped_local",
                            "rejected",
                            "stale",
                            "txtime_restored",
                            "txtime_converted",
                            "txtime_cleared"))
            .toList();

    private final StampProbe probe;

    private RestorerProbe(StampProbe probe) throws IOException {
        this.probe = probe;
        probe.put("peers", PEER, -1);
    }

    static RestorerProbe of(StampIdentity identity) throws IOException {
        return new RestorerProbe(StampProbe.load("restorer", identity.tag(), identity.proof(), 0));
    }

    /** With the slots of that saver. */
    static RestorerProbe of(StampIdentity identity, SaverProbe saver, int kernel) throws IOException {
        return new RestorerProbe(
                StampProbe.load("restorer", Optional.of(saver.probe()), identity.tag(), identity.proof(), kernel));
    }

    /** @param rows of the priorities that the pod behind that device may have, a bit each */
    RestorerProbe peer(int ifIndex, int rows) throws IOException {
        probe.put("peers", ifIndex, rows);
        return this;
    }

    RestorerProbe flags(int flags) throws IOException {
        probe.put("nic", 0, flags, 0);
        return this;
    }

    Outcome run(StampSkb skb) throws IOException {
        return probe.run(skb);
    }

    /** "restored[3].packets" and the like; what is not there is 0. */
    Map<String, Long> counted() throws IOException {
        return probe.counted("restorer_stats", COUNTERS);
    }

    @Override
    public void close() {
        probe.close();
    }
}

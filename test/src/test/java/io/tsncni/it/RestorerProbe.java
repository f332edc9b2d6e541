// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import io.tsncni.it.StampProbe.Outcome;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The restorer in its probe. Knows one pod, and starts with the default: unstamped forwarded packets get 0. */
final class RestorerProbe implements AutoCloseable {
    static final int KEEP_UNSTAMPED = 1;
    static final int TRUST_HASH = 2;

    /** The host-side device of an attached pod, and a device that is nobody's. */
    static final int PEER = 17;

    static final int STRANGER = 18;

    private static final List<String> COUNTERS = Stream.concat(
                    IntStream.range(0, 16).boxed().flatMap(priority -> Stream.of("packets", "bytes")
                            .map(what -> "restored[%d].%s".formatted(priority, what))),
                    Stream.of("unstamped_forwarded", "unstamped_local", "rejected"))
            .toList();

    private final StampProbe probe;

    private RestorerProbe(StampProbe probe) throws IOException {
        this.probe = probe;
        probe.put("peers", PEER, 1);
    }

    static RestorerProbe of(StampIdentity identity) throws IOException {
        return new RestorerProbe(StampProbe.load("restorer", identity.tag(), identity.proof()));
    }

    RestorerProbe flags(int flags) throws IOException {
        probe.put("nic", 0, flags);
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

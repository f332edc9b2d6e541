// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static io.tsncni.it.RestorerProbe.KEEP_UNSTAMPED;
import static io.tsncni.it.RestorerProbe.PEER;
import static io.tsncni.it.RestorerProbe.STRANGER;
import static io.tsncni.it.RestorerProbe.TRUST_HASH;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tsncni.it.StampProbe.Outcome;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The restorer against section 3 of the design, on packets that nobody thought of. */
@RequiresRoot
class RestorerRandomIT {
    private static final int SECRETS = 40;
    private static final int PACKETS = 500; // of each
    private static final int ENOUGH = 300; // of each kind, so that none is missed

    private final StampRandom random = new StampRandom();

    private record Arrival(StampPacket packet, int hash, int tcIndex, int ingress, long priority) {
        StampSkb skb() {
            StampSkb skb = packet.skb().tcIndex(tcIndex).ingress(ingress).priority(priority);
            return hash == 0 ? skb : skb.hash(hash);
        }
    }

    private record Left(int hash, int tcIndex, long priority) {}

    private Arrival arrival(StampIdentity identity) {
        return new Arrival(
                random.of(StampPacket.values()),
                random.hash(identity),
                random.tcIndex(identity),
                random.of(0, PEER, STRANGER),
                random.priority());
    }

    /** The oracle: what must be left of a packet. */
    private static Left expected(StampIdentity identity, int flags, Arrival it, Map<String, Long> counted) {
        long packets = it.packet().wirePackets();
        boolean proven = identity.isProofIn(it.tcIndex()) || it.ingress() == PEER || (flags & TRUST_HASH) != 0;
        if (identity.isTagIn(it.hash()) && proven) {
            int priority = it.hash() & 15;
            counted.merge("restored[%d].packets".formatted(priority), packets, Long::sum);
            counted.merge("restored[%d].bytes".formatted(priority), it.packet().wireBytes(), Long::sum);
            return new Left(0, 0, priority);
        }
        if (identity.isTagIn(it.hash())) {
            counted.merge("rejected", packets, Long::sum);
        }
        if ((it.hash() >>> 22 & 1) != 0 && identity.isProofIn(it.tcIndex())) {
            counted.merge("stale", packets, Long::sum);
        }
        if (it.ingress() == 0) {
            counted.merge("unstamped_local", packets, Long::sum);
            return new Left(it.hash(), it.tcIndex(), it.priority());
        }
        counted.merge("unstamped_forwarded", packets, Long::sum);
        return new Left(it.hash(), it.tcIndex(), (flags & KEEP_UNSTAMPED) != 0 ? it.priority() : 0);
    }

    @Test
    void twentyThousandPacketsAsTheDesignSays() throws Exception {
        Map<String, Long> kinds = new TreeMap<>();
        for (int secret = 0; secret < SECRETS; secret++) {
            StampIdentity identity = random.identity();
            int flags = random.of(0, KEEP_UNSTAMPED, TRUST_HASH, KEEP_UNSTAMPED | TRUST_HASH);
            Map<String, Long> counted = new TreeMap<>();
            try (RestorerProbe restorer = RestorerProbe.of(identity).flags(flags)) {
                for (int i = 0; i < PACKETS; i++) {
                    Arrival arrival = arrival(identity);
                    Outcome seen = restorer.run(arrival.skb());

                    assertEquals(-1, seen.verdict());
                    assertEquals(
                            expected(identity, flags, arrival, counted),
                            new Left(seen.hash(), seen.tcIndex(), seen.priority()),
                            () -> arrival + " " + identity + " flags " + flags);
                }
                assertEquals(counted, restorer.counted());
            }
            counted.forEach((kind, packets) -> kinds.merge(kind, packets, Long::sum));
        }
        assertEquals(32 + 4, kinds.size(), kinds::toString);
        assertTrue(kinds.values().stream().allMatch(packets -> packets > ENOUGH), kinds::toString);
    }
}

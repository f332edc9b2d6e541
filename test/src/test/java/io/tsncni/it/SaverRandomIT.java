// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static io.tsncni.it.SaverProbe.CLEAR_TXTIME;
import static io.tsncni.it.SaverProbe.DROP;
import static io.tsncni.it.SaverProbe.KEEP;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tsncni.it.StampProbe.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The saver against section 3 of the design, with policies and packets that nobody thought of. */
@RequiresRoot
class SaverRandomIT {
    private static final int POLICIES = 40;
    private static final int PACKETS = 500; // of each
    private static final int UNSPEC = -1;
    private static final int SHOT = 2;
    private static final int FORM_SLOT = 1 << 22;

    private final StampRandom random = new StampRandom();

    private record Entry(int action, long priority) {
        boolean has(int bit) {
            return (action & bit) != 0;
        }
    }

    private record Departure(StampPacket packet, int hash, int tcIndex, long priority, long tstamp) {
        StampSkb skb() {
            StampSkb skb = packet.skb().tcIndex(tcIndex).priority(priority).tstamp(tstamp);
            return hash == 0 ? skb : skb.hash(hash);
        }
    }

    private record Left(int verdict, int hash, int tcIndex, long priority, long tstamp) {}

    /** What a test has drawn: the secret, the policy, and whether the saver is direct. */
    private record Saver(StampIdentity identity, List<Entry> policy, boolean direct) {
        SaverProbe load() throws Exception {
            SaverProbe saver = direct ? SaverProbe.direct() : SaverProbe.stamping(identity);
            for (int slot = 0; slot < policy.size(); slot++) {
                saver.policy(slot, policy.get(slot).action(), policy.get(slot).priority());
            }
            return saver;
        }

        boolean isStamping(Outcome seen) {
            return !direct && seen.verdict() == UNSPEC;
        }

        private int hash(int flowHash, long written) {
            return written < SaverProbe.OTHER
                    ? identity.hash(flowHash, (int) written)
                    : flowHash & 0xf8000000 | FORM_SLOT;
        }

        /** The oracle: what must be left of a packet. */
        Left expected(Departure it, int flowHash, Map<String, Long> counted) {
            int from = SaverProbe.slot(it.priority());
            long packets = it.packet().wirePackets();
            Entry entry = policy.get(from);
            counted.merge("from[%d]".formatted(from), packets, Long::sum);
            if (entry.has(DROP)) {
                counted.merge("dropped[%d]".formatted(from), packets, Long::sum);
                return new Left(SHOT, it.hash(), it.tcIndex(), it.priority(), it.tstamp());
            }
            long tstamp = entry.has(CLEAR_TXTIME) ? 0 : it.tstamp();
            long written = entry.has(KEEP) ? it.priority() : entry.priority();
            int to = SaverProbe.slot(written);
            counted.merge("to[%d].packets".formatted(to), packets, Long::sum);
            counted.merge("to[%d].bytes".formatted(to), it.packet().wireBytes(), Long::sum);
            return direct
                    ? new Left(UNSPEC, it.hash(), it.tcIndex(), written, tstamp)
                    : new Left(
                            UNSPEC,
                            hash(it.hash() == 0 ? flowHash : it.hash(), written),
                            identity.tcIndex(),
                            it.priority(),
                            tstamp);
        }
    }

    /** Of a slot's stamp only what is not a number of its own: entropy and form. */
    private static int comparable(int hash) {
        return (hash & FORM_SLOT) == 0 ? hash : hash & (0xf8000000 | FORM_SLOT);
    }

    private Saver saver(boolean direct) {
        List<Entry> policy = new ArrayList<>();
        for (int slot = 0; slot <= SaverProbe.OTHER; slot++) {
            int action = random.of(0, 0, CLEAR_TXTIME, KEEP, KEEP | CLEAR_TXTIME, DROP, DROP | CLEAR_TXTIME);
            policy.add(new Entry(action, random.priority()));
        }
        return new Saver(random.identity(), policy, direct);
    }

    private Departure departure(StampIdentity identity) {
        return new Departure(
                random.of(StampPacket.values()),
                random.hash(identity),
                random.tcIndex(identity),
                random.priority(),
                random.of(0, 1, Integer.MAX_VALUE) * 1_000_000_000L);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void twentyThousandPacketsAsTheDesignSays(boolean direct) throws Exception {
        Map<String, Long> kinds = new TreeMap<>();
        for (int drawn = 0; drawn < POLICIES; drawn++) {
            Saver saver = saver(direct);
            Map<String, Long> counted = new TreeMap<>();
            try (SaverProbe probe = saver.load()) {
                for (int i = 0; i < PACKETS; i++) {
                    Departure departure = departure(saver.identity());
                    Outcome seen = probe.run(departure.skb());

                    assertEquals(
                            saver.expected(departure, seen.hash(), counted),
                            new Left(
                                    seen.verdict(),
                                    saver.isStamping(seen) ? comparable(seen.hash()) : seen.hash(),
                                    seen.tcIndex(),
                                    seen.priority(),
                                    seen.tstamp()),
                            () -> departure + " " + saver);
                }
                assertEquals(counted, probe.counted());
            }
            counted.forEach((kind, packets) -> kinds.merge(kind, packets, Long::sum));
        }
        // Every counter there is.
        assertEquals(17 + 17 + 2 * 17, kinds.size(), kinds::toString);
        assertTrue(kinds.values().stream().allMatch(packets -> packets > 50), kinds::toString);
    }
}

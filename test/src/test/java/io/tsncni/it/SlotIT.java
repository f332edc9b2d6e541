// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tsncni.it.StampProbe.Outcome;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Priorities over 15, and launch times on a kernel that loses them: from a saver to a restorer by way of a slot. */
@RequiresRoot
@Tag("kernel")
@Tag("kernel-ci")
class SlotIT {
    private static final int SLOTS = 16384;
    private static final int CURSOR_STEP = 64;
    private static final int FORM_SLOT = 1 << 22;
    private static final StampIdentity IDENTITY = StampIdentity.SOME;

    /** What the path makes of a packet: a veth writes 0, ip_forward what the TOS byte says. */
    private static final int ON_ARRIVAL = 2;

    private SaverProbe saver;
    private RestorerProbe restorer;

    @BeforeEach
    void load() throws Exception {
        use(0);
    }

    private void use(int kernel) throws Exception {
        close();
        saver = SaverProbe.carrying(IDENTITY, kernel);
        restorer = RestorerProbe.of(IDENTITY, saver, kernel);
    }

    @AfterEach
    void close() {
        if (saver != null) {
            restorer.close();
            saver.close();
        }
    }

    /** As it is on the NIC: another priority, and no launch time. */
    private static StampSkb arriving(StampSkb sent, Outcome left) {
        return sent.hash(left.hash())
                .tcIndex(left.tcIndex())
                .priority(ON_ARRIVAL)
                .tstamp(0)
                .ingress(RestorerProbe.STRANGER);
    }

    private Outcome travel(StampSkb sent) throws Exception {
        return restorer.run(arriving(sent, saver.run(sent)));
    }

    @ParameterizedTest
    @EnumSource(StampPacket.class)
    void priorityAndLaunchTimeArriveToTheNanosecond(StampPacket packet) throws Exception {
        for (int priority = 0; priority < 16; priority++) {
            long txtime = 1_763_750_000_123_456_789L + priority;
            Outcome arrived = travel(packet.skb().priority(priority).tstamp(txtime));

            assertEquals(priority, arrived.priority());
            assertEquals(txtime, arrived.tstamp());
            assertTrue(arrived.isHashInvalid());
            assertEquals(0, arrived.tcIndex());
            assertArrayEquals(packet.skb().packet(), arrived.packet());
        }
        assertEquals(16 * packet.wirePackets(), restorer.counted().get("txtime_restored"));
    }

    static LongStream handles() {
        return LongStream.of(16, 0x10003, 0x7fffffffL, 0x80000000L, 0xffffffffL);
    }

    @ParameterizedTest
    @MethodSource("handles")
    void aPriorityOver15Arrives(long handle) throws Exception {
        saver.policy(3, 0, handle).policy(SaverProbe.OTHER, SaverProbe.KEEP, 0);

        assertEquals(handle, travel(StampPacket.IPV4_UDP.skb().priority(3)).priority());
        assertEquals(handle, travel(StampPacket.IPV6_TCP.skb().priority(handle)).priority());
        assertEquals(2, restorer.counted().get("restored[16].packets"));
    }

    @Test
    void whatNeedsNoSlotTakesNone() throws Exception {
        Outcome left = saver.run(StampPacket.IPV4_UDP.skb().priority(3));
        assertEquals(IDENTITY.hash(0, 3), StampIdentity.withoutEntropy(left.hash()));
        use(SaverProbe.FORCE_SLOTS);
        Outcome forced = saver.run(StampPacket.IPV4_UDP.skb().priority(3));
        assertEquals(FORM_SLOT, forced.hash() & FORM_SLOT);
        assertEquals(3, travel(StampPacket.IPV4_UDP.skb().priority(3)).priority());
    }

    /** The top five bits spread flows over queues, as an unstamped packet's would. */
    @Test
    void theEntropyIsTheFlowsOwn() throws Exception {
        Outcome immediate = saver.run(StampPacket.IPV4_UDP.skb());
        Outcome slot = saver.run(StampPacket.IPV4_UDP.skb().tstamp(1));
        assertEquals(immediate.hash() >>> 27, slot.hash() >>> 27);
        assertEquals(
                0x15,
                saver.run(StampPacket.IPV4_UDP.skb().hash(0xabcdef01).tstamp(1)).hash() >>> 27);
    }

    /** A bridge's flood, a fragment and a retransmission share the slot of what they were made of. */
    @Test
    void everyCopyFindsTheSame() throws Exception {
        StampSkb sent = StampPacket.IPV4_UDP.skb().priority(7).tstamp(77);
        Outcome left = saver.run(sent);
        for (int copy = 0; copy < 10; copy++) {
            Outcome arrived = restorer.run(arriving(sent, left));
            assertEquals(7, arrived.priority());
            assertEquals(77, arrived.tstamp());
        }
    }

    /** Held up while others went round: it gets nothing, neither its own nor the slot's new owner's. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void aSlotThatHasANewOwnerIsNotBelieved(int rounds) throws Exception {
        StampSkb sent = StampPacket.IPV4_UDP.skb().priority(7).tstamp(77);
        Outcome held = saver.run(sent);
        // The same flow, so that only the generation differs.
        StampSkb others = sent.priority(5).tstamp(55);
        Outcome last = saver.run(others, rounds * SLOTS);
        assertNotEquals(held.hash(), last.hash());

        Outcome arrived = restorer.run(arriving(sent, held));
        assertEquals(0, arrived.priority());
        assertEquals(0, arrived.tstamp());
        assertEquals(Map.of("stale", 1L, "unstamped_forwarded", 1L), restorer.counted());
        assertEquals(55, restorer.run(arriving(others, last)).tstamp());
    }

    /** One below a whole round, less what CPUs have set aside: still good. */
    @Test
    void aSlotIsGoodForARound() throws Exception {
        StampSkb sent = StampPacket.IPV4_UDP.skb().priority(7).tstamp(77);
        Outcome held = saver.run(sent);
        saver.run(sent.priority(5).tstamp(55), SLOTS - 4 * CURSOR_STEP);
        Outcome arrived = restorer.run(arriving(sent, held));
        assertEquals(7, arrived.priority());
        assertEquals(77, arrived.tstamp());
    }

    @Test
    void noTwoPacketsOfARoundShareASlot() throws Exception {
        Set<Integer> hashes = new HashSet<>();
        for (int i = 0; i < 3000; i++) {
            assertTrue(
                    hashes.add(
                            saver.run(StampPacket.IPV4_UDP.skb().tstamp(1 + i)).hash()),
                    "packet " + i);
        }
    }

    /** A CPU that sent nothing for a round must not go on where others are by now. */
    @Test
    void whatIsLeftOfAnOldStepIsNotUsed() throws Exception {
        StampSkb sent = StampPacket.IPV4_UDP.skb().priority(7).tstamp(77);
        saver.run(sent);
        saver.probe().put("cursors", 0, 0, 3 * SLOTS + 640, 0);
        int hash = saver.run(sent).hash();
        int index = (hash >>> 23 & 15) << 10 | hash >>> 12 & 1023;
        assertEquals(640, index);
        assertEquals(3, hash & 0xfff);
    }

    @Test
    void theNumberWrapsAround() throws Exception {
        saver.probe().put("cursors", 0, 0, -CURSOR_STEP, 0);
        StampSkb sent = StampPacket.IPV4_UDP.skb().priority(7).tstamp(77);
        for (int i = 0; i < 3 * CURSOR_STEP; i++) {
            assertEquals(77, travel(sent).tstamp(), "packet " + i);
        }
    }

    @Test
    void aPolicyThatClearsLaunchTimesTakesNoSlot() throws Exception {
        saver.policy(3, SaverProbe.CLEAR_TXTIME, 3);
        StampSkb sent = StampPacket.IPV4_UDP.skb().priority(3).tstamp(77);
        Outcome left = saver.run(sent);
        assertEquals(0, left.tstamp());
        assertEquals(IDENTITY.hash(0, 3), StampIdentity.withoutEntropy(left.hash()));
    }

    @Test
    void withoutTheSecondProofASlotIsWorthNothing() throws Exception {
        StampSkb sent = StampPacket.IPV4_UDP.skb().priority(7).tstamp(77);
        Outcome left = saver.run(sent);
        Outcome arrived = restorer.run(arriving(sent, left).tcIndex(0));
        assertEquals(0, arrived.priority());
        assertEquals(0, arrived.tstamp());
        assertEquals(
                7,
                restorer.run(arriving(sent, left).tcIndex(0).ingress(RestorerProbe.PEER))
                        .priority());
    }

    /** Every hash that a stranger's flow could have, with the proof: nothing comes of it. */
    @Test
    void aGuessFindsNoSlot() throws Exception {
        StampRandom random = new StampRandom();
        StampSkb sent = StampPacket.IPV4_UDP.skb().priority(7).tstamp(77);
        int right = saver.run(sent).hash();
        for (int bit = 0; bit < 32; bit++) {
            int off = right ^ 1 << bit;
            Outcome arrived = restorer.run(
                    sent.hash(off).tcIndex(IDENTITY.tcIndex()).tstamp(0).ingress(RestorerProbe.STRANGER));
            assertEquals(0, arrived.tstamp(), "bit " + bit);
            assertNotEquals(7, arrived.priority(), "bit " + bit);
        }
        for (int i = 0; i < 2000; i++) {
            int guess = random.of(right ^ 1 + (int) (random.priority() % 4000), (int) random.priority() | FORM_SLOT);
            Outcome arrived = restorer.run(
                    sent.hash(guess).tcIndex(IDENTITY.tcIndex()).tstamp(0).ingress(RestorerProbe.STRANGER));
            assertEquals(0, arrived.tstamp(), Integer.toHexString(guess));
        }
    }

    /** Four threads write as fast as they can and one reads what may be overwritten: never half of two packets. */
    @Test
    void aReaderSeesWholeSlots() throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            Map<Integer, Future<Boolean>> writers = new HashMap<>();
            for (int writer = 1; writer <= 4; writer++) {
                int own = writer;
                saver.policy(own, 0, 0x10000 + own);
                Callable<Boolean> write = () -> {
                    StampSkb sent = StampPacket.IPV4_UDP.skb().priority(own).tstamp(1_000_000 + own);
                    while (!stop.get()) {
                        saver.run(sent, 1000);
                    }
                    return true;
                };
                writers.put(own, threads.submit(write));
            }
            StampSkb sent = StampPacket.IPV4_UDP.skb().priority(1).tstamp(1_000_001);
            int believed = 0;
            for (int i = 0; i < 5000; i++) {
                Outcome arrived = travel(sent);
                if (arrived.tstamp() != 0) {
                    assertEquals(0x10000 + arrived.tstamp() - 1_000_000, arrived.priority());
                    assertEquals(1_000_001, arrived.tstamp());
                    believed++;
                }
            }
            assertTrue(believed > 0);
            stop.set(true);
            for (Future<Boolean> writer : writers.values()) {
                assertTrue(writer.get());
            }
        } finally {
            stop.set(true);
            threads.shutdown();
        }
    }
}

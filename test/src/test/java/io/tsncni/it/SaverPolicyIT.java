// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tsncni.it.StampProbe.Outcome;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each thing that a policy may ask of the saver, stamping and direct. */
@Tag("kernel")
@RequiresRoot
class SaverPolicyIT {
    private static final int UNSPEC = -1;
    private static final int SHOT = 2;
    private static final StampIdentity IDENTITY = StampIdentity.SOME;
    private static final StampPacket PACKET = StampPacket.IPV4_UDP;
    private static final StampPacket GSO = StampPacket.IPV4_TCP_GSO;

    @ParameterizedTest
    @ValueSource(longs = {16, 17, 0x10003, 0x80000000L, 0xffffffffL})
    void everyPriorityAbove15HasTheOneRow(long priority) throws Exception {
        try (SaverProbe saver = SaverProbe.stamping(IDENTITY).policy(SaverProbe.OTHER, 0, 11)) {
            Outcome seen = saver.run(PACKET.skb().priority(priority));

            assertEquals(IDENTITY.hash(seen.hash(), 11), seen.hash());
            assertEquals(1, saver.counted().get("from[16]"));
        }
    }

    @Test
    void byDefaultWhatThePolicyDoesNotNameIsClass0() throws Exception {
        try (SaverProbe saver = SaverProbe.stamping(IDENTITY)) {
            Outcome seen = saver.run(PACKET.skb().priority(16));

            assertEquals(IDENTITY.hash(seen.hash(), 0), seen.hash());
        }
    }

    @ParameterizedTest
    @EnumSource(StampPacket.class)
    void dropDropsAndTouchesNothing(StampPacket packet) throws Exception {
        int both = SaverProbe.DROP | SaverProbe.CLEAR_TXTIME;
        try (SaverProbe saver = SaverProbe.stamping(IDENTITY).policy(4, both, 6)) {
            StampSkb sent = packet.skb().priority(4).tstamp(5).hash(0x11223344).tcIndex(0x1234);
            Outcome seen = saver.run(sent);

            assertEquals(SHOT, seen.verdict());
            assertEquals(0x11223344, seen.hash());
            assertEquals(0x1234, seen.tcIndex());
            assertEquals(4, seen.priority());
            assertEquals(5, seen.tstamp());
            assertArrayEquals(sent.packet(), seen.packet());
            assertEquals(Map.of("from[4]", packet.wirePackets(), "dropped[4]", packet.wirePackets()), saver.counted());
        }
    }

    @Test
    void aPriorityAbove15CanBeDroppedToo() throws Exception {
        try (SaverProbe saver = SaverProbe.stamping(IDENTITY).policy(SaverProbe.OTHER, SaverProbe.DROP, 0)) {
            assertEquals(SHOT, saver.run(PACKET.skb().priority(65539)).verdict());
            assertEquals(UNSPEC, saver.run(PACKET.skb().priority(15)).verdict());
            assertEquals(1, saver.counted().get("dropped[16]"));
        }
    }

    /** A TAI time of 2026, and the smallest. */
    @ParameterizedTest
    @ValueSource(longs = {1_795_000_000_000_000_000L, 1})
    void clearTakesTheLaunchTimeAndThePriorityStillCounts(long txtime) throws Exception {
        for (StampPacket packet : StampPacket.values()) {
            try (SaverProbe stamping = SaverProbe.stamping(IDENTITY).policy(2, SaverProbe.CLEAR_TXTIME, 5);
                    SaverProbe direct = SaverProbe.direct().policy(2, SaverProbe.CLEAR_TXTIME, 5)) {
                Outcome stamped = stamping.run(packet.skb().priority(2).tstamp(txtime));
                Outcome written = direct.run(packet.skb().priority(2).tstamp(txtime));

                assertEquals(0, stamped.tstamp());
                assertEquals(IDENTITY.hash(stamped.hash(), 5), stamped.hash());
                assertEquals(0, written.tstamp());
                assertEquals(5, written.priority());
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "3, 12", "3, 0", "15, 65539", "16, 7", "4294967295, 4294967295", "5, 4294967295"})
    void directWritesThePriorityAndNoStamp(long from, long to) throws Exception {
        try (SaverProbe saver = SaverProbe.direct().policy(SaverProbe.slot(from), 0, to)) {
            Outcome seen = saver.run(PACKET.skb().priority(from).tcIndex(0xabc3).tstamp(7));

            assertEquals(UNSPEC, seen.verdict());
            assertEquals(to, seen.priority());
            assertTrue(seen.isHashInvalid());
            assertEquals(0xabc3, seen.tcIndex());
            assertEquals(7, seen.tstamp());
            assertEquals(
                    Map.of(
                            "from[%d]".formatted(SaverProbe.slot(from)), 1L,
                            "to[%d].packets".formatted(SaverProbe.slot(to)), 1L,
                            "to[%d].bytes".formatted(SaverProbe.slot(to)), PACKET.wireBytes()),
                    saver.counted());
        }
    }

    @Test
    void directLeavesAHashThatIsThere() throws Exception {
        try (SaverProbe saver = SaverProbe.direct()) {
            assertEquals(0x12345678, saver.run(PACKET.skb().hash(0x12345678)).hash());
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 3, 15, 16, 65539, 0xffffffffL})
    void directKeepLeavesThePriorityAndCountsIt(long priority) throws Exception {
        int slot = SaverProbe.slot(priority);
        try (SaverProbe saver = SaverProbe.direct().policy(slot, SaverProbe.KEEP, 1)) {
            assertEquals(priority, saver.run(PACKET.skb().priority(priority)).priority());
            assertEquals(1, saver.counted().get("to[%d].packets".formatted(slot)));
        }
    }

    @Test
    void directDropsToo() throws Exception {
        try (SaverProbe saver = SaverProbe.direct().policy(1, SaverProbe.DROP | SaverProbe.KEEP, 0)) {
            assertEquals(SHOT, saver.run(PACKET.skb().priority(1)).verdict());
        }
    }

    @Test
    void keepCarriesThePodsOwnPriority() throws Exception {
        try (SaverProbe saver = SaverProbe.stamping(IDENTITY).policy(6, SaverProbe.KEEP, 0)) {
            Outcome seen = saver.run(PACKET.skb().priority(6));

            assertEquals(IDENTITY.hash(seen.hash(), 6), seen.hash());
            assertEquals(6, seen.priority());
        }
    }

    @Test
    void aChangedPolicyHoldsFromTheNextPacket() throws Exception {
        try (SaverProbe saver = SaverProbe.stamping(IDENTITY)) {
            for (int to = 0; to < 16; to++) {
                Outcome seen = saver.policy(5, 0, to).run(PACKET.skb().priority(5));

                assertEquals(IDENTITY.hash(seen.hash(), to), seen.hash());
            }
        }
    }

    @Test
    void countersAddUpOverPacketsAndPriorities() throws Exception {
        try (SaverProbe saver =
                SaverProbe.stamping(IDENTITY).policy(2, 0, 7).policy(3, 0, 7).policy(4, SaverProbe.DROP, 0)) {
            for (int i = 0; i < 10; i++) {
                saver.run(PACKET.skb().priority(2));
                saver.run(GSO.skb().priority(3));
                saver.run(GSO.skb().priority(4));
            }
            assertEquals(
                    Map.of(
                            "from[2]", 10L,
                            "from[3]", 50L,
                            "from[4]", 50L,
                            "dropped[4]", 50L,
                            "to[7].packets", 60L,
                            "to[7].bytes", 10 * (PACKET.wireBytes() + GSO.wireBytes())),
                    saver.counted());
        }
    }
}

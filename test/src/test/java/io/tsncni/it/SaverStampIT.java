// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tsncni.it.StampProbe.Outcome;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the saver writes into each kind of packet. */
@RequiresRoot
@ParameterizedClass
@EnumSource(StampPacket.class)
@Tag("kernel")
class SaverStampIT {
    private static final int UNSPEC = -1;
    private static final StampIdentity IDENTITY = StampIdentity.SOME;

    private final StampPacket packet;

    SaverStampIT(StampPacket packet) {
        this.packet = packet;
    }

    static LongStream priorities() {
        return LongStream.concat(LongStream.rangeClosed(0, 16), LongStream.of(65539, 0xffffffffL));
    }

    /** No priority goes to itself, and each to another; 9 stands for what the policy does not name. */
    private static int mapped(long priority) {
        return priority < 16 ? (int) (priority * 7 + 3) % 16 : 9;
    }

    private static SaverProbe saver() throws Exception {
        SaverProbe saver = SaverProbe.stamping(IDENTITY).policy(SaverProbe.OTHER, 0, mapped(SaverProbe.OTHER));
        for (int priority = 0; priority < SaverProbe.OTHER; priority++) {
            saver.policy(priority, 0, mapped(priority));
        }
        return saver;
    }

    @ParameterizedTest
    @MethodSource("priorities")
    void theStampSaysTheMappedPriorityAndNothingElseChanges(long priority) throws Exception {
        try (SaverProbe saver = saver()) {
            StampSkb sent = packet.skb().priority(priority).tstamp(123456789);
            Outcome seen = saver.run(sent);

            assertEquals(UNSPEC, seen.verdict());
            assertEquals(
                    Integer.toHexString(IDENTITY.hash(0, mapped(priority))),
                    Integer.toHexString(StampIdentity.withoutEntropy(seen.hash())));
            assertEquals(IDENTITY.tcIndex(), seen.tcIndex());
            assertEquals(priority, seen.priority());
            assertEquals(123456789, seen.tstamp());
            assertArrayEquals(sent.packet(), seen.packet());
        }
    }

    @ParameterizedTest
    @MethodSource("priorities")
    void thePacketCountsAsTheWireWillSeeIt(long priority) throws Exception {
        try (SaverProbe saver = saver()) {
            saver.run(packet.skb().priority(priority));

            Map<String, Long> expected = Map.of(
                    "from[%d]".formatted(SaverProbe.slot(priority)), packet.wirePackets(),
                    "to[%d].packets".formatted(mapped(priority)), packet.wirePackets(),
                    "to[%d].bytes".formatted(mapped(priority)), packet.wireBytes());
            assertEquals(expected, saver.counted());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0x0001, 0x001f, 0xabc3, 0xffe0, 0xffff})
    void nothingOfAnEarlierTcIndexSurvives(int before) throws Exception {
        try (SaverProbe saver = saver()) {
            assertEquals(
                    IDENTITY.tcIndex(), saver.run(packet.skb().tcIndex(before)).tcIndex());
        }
    }

    /** A connected socket gives its packets a hash of its own, and a pod may hold a pod that is stamped already. */
    @ParameterizedTest
    @ValueSource(ints = {0x00000001, 0x007fffff, 0x12345678, 0xffffffff})
    void theEntropyIsThatOfAHashThatIsThere(int before) throws Exception {
        try (SaverProbe saver = saver()) {
            Outcome seen = saver.run(packet.skb().hash(before).priority(2));

            assertEquals(IDENTITY.hash(before, mapped(2)), seen.hash());
        }
    }

    @Test
    void theStampIsThatOfTheBoot() throws Exception {
        for (StampIdentity identity : StampIdentity.samples().toList()) {
            try (SaverProbe saver = SaverProbe.stamping(identity)) {
                Outcome seen = saver.run(packet.skb().priority(15));

                assertEquals(identity.hash(0, 15), StampIdentity.withoutEntropy(seen.hash()));
                assertEquals(identity.tcIndex(), seen.tcIndex());
            }
        }
    }
}

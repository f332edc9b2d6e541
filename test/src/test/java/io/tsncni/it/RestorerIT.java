// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static io.tsncni.it.RestorerProbe.KEEP_UNSTAMPED;
import static io.tsncni.it.RestorerProbe.PEER;
import static io.tsncni.it.RestorerProbe.STRANGER;
import static io.tsncni.it.RestorerProbe.TRUST_HASH;
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

/** What the restorer believes, and what it does with the packets that carry nothing. */
@Tag("kernel")
@Tag("kernel-ci")
@RequiresRoot
class RestorerIT {
    private static final int UNSPEC = -1;

    /** What ip_forward makes of IP_TOS 0x10. */
    private static final int FROM_TOS = 6;

    private static final int ENTROPY = 0xb5800000;
    private static final StampIdentity IDENTITY = StampIdentity.SOME;

    private static StampSkb stamped(StampPacket packet, int priority) {
        return packet.skb()
                .hash(IDENTITY.hash(ENTROPY, priority))
                .tcIndex(IDENTITY.tcIndex())
                .ingress(STRANGER)
                .priority(FROM_TOS);
    }

    /** The tag is right, and nothing else speaks for the packet. */
    private static StampSkb unproven(int tcIndex, int ingress) {
        return StampPacket.IPV4_UDP
                .skb()
                .hash(IDENTITY.hash(ENTROPY, 7))
                .tcIndex(tcIndex)
                .ingress(ingress)
                .priority(FROM_TOS);
    }

    private static void assertBelieved(int priority, Outcome seen) {
        assertEquals(UNSPEC, seen.verdict());
        assertEquals(priority, seen.priority());
        assertTrue(seen.isHashInvalid(), () -> "hash " + Integer.toHexString(seen.hash()));
        assertEquals(0, seen.tcIndex());
    }

    private static void assertLeft(int priority, int tcIndex, Outcome seen) {
        assertEquals(UNSPEC, seen.verdict());
        assertEquals(priority, seen.priority());
        assertEquals(IDENTITY.hash(ENTROPY, 7), seen.hash());
        assertEquals(tcIndex, seen.tcIndex());
    }

    @ParameterizedTest
    @EnumSource(StampPacket.class)
    void aProvenStampGivesThePriorityBackAlso0(StampPacket packet) throws Exception {
        for (int priority = 0; priority < 16; priority++) {
            try (RestorerProbe restorer = RestorerProbe.of(IDENTITY)) {
                StampSkb sent = stamped(packet, priority).tstamp(987654321);
                Outcome seen = restorer.run(sent);

                assertBelieved(priority, seen);
                assertEquals(987654321, seen.tstamp());
                assertArrayEquals(sent.packet(), seen.packet());
                assertEquals(
                        Map.of(
                                "restored[%d].packets".formatted(priority), packet.wirePackets(),
                                "restored[%d].bytes".formatted(priority), packet.wireBytes()),
                        restorer.counted());
            }
        }
    }

    /** They are Cilium's, on the way. */
    @ParameterizedTest
    @ValueSource(ints = {0x01, 0x10, 0x1f})
    void theLowBitsOfTcIndexDoNotMatter(int low) throws Exception {
        try (RestorerProbe restorer = RestorerProbe.of(IDENTITY)) {
            assertBelieved(3, restorer.run(stamped(StampPacket.IPV6_UDP, 3).tcIndex(IDENTITY.tcIndex() | low)));
        }
    }

    /** A tunnel on the way forgets where the packet came in (skb_scrub_packet). */
    @Test
    void aProvenStampNeedsNoIngressDevice() throws Exception {
        try (RestorerProbe restorer = RestorerProbe.of(IDENTITY)) {
            assertBelieved(3, restorer.run(stamped(StampPacket.IPV4_UDP, 3).ingress(0)));
        }
    }

    /** 0x000b is what a program that returns TC_ACT_OK may leave there. */
    @ParameterizedTest
    @ValueSource(ints = {0x0000, 0x000b, 0x001f, 0xffe0})
    void theTagAloneIsNotBelieved(int tcIndex) throws Exception {
        try (RestorerProbe restorer = RestorerProbe.of(IDENTITY)) {
            assertLeft(0, tcIndex, restorer.run(unproven(tcIndex, STRANGER)));
            assertEquals(Map.of("rejected", 1L, "unstamped_forwarded", 1L), restorer.counted());
        }
    }

    @Test
    void theTagAloneOnAPacketOfTheNodeLeavesThePacketAlone() throws Exception {
        try (RestorerProbe restorer = RestorerProbe.of(IDENTITY)) {
            assertLeft(FROM_TOS, 0, restorer.run(unproven(0, 0)));
            assertEquals(Map.of("rejected", 1L, "unstamped_local", 1L), restorer.counted());
        }
    }

    @Test
    void theTagAloneKeepsThePriorityWhereTheOperatorKeepsUnstamped() throws Exception {
        try (RestorerProbe restorer = RestorerProbe.of(IDENTITY).flags(KEEP_UNSTAMPED)) {
            assertLeft(FROM_TOS, 0, restorer.run(unproven(0, STRANGER)));
            assertEquals(Map.of("rejected", 1L, "unstamped_forwarded", 1L), restorer.counted());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0x0000, 0x000b, 0xffe0})
    void theTagFromAnAttachedPodsDeviceIsBelieved(int tcIndex) throws Exception {
        try (RestorerProbe restorer = RestorerProbe.of(IDENTITY)) {
            assertBelieved(7, restorer.run(unproven(tcIndex, PEER)));
        }
    }

    /** Also with the proof: a pod that has found out tag and proof gets no class that its policy does not give. */
    @ParameterizedTest
    @ValueSource(ints = {0, 0x5a6 << 5})
    void anAttachedPodsDeviceBringsNothingThatItsPolicyDoesNotGive(int tcIndex) throws Exception {
        try (RestorerProbe restorer = RestorerProbe.of(IDENTITY)) {
            restorer.peer(PEER, 1 << 7 | 1);
            assertBelieved(7, restorer.run(unproven(tcIndex, PEER)));
            restorer.peer(PEER, 1 << 6 | 1);
            assertLeft(0, tcIndex, restorer.run(unproven(tcIndex, PEER)));
            assertEquals(
                    Map.of(
                            "restored[7].packets", 1L,
                            "restored[7].bytes", StampPacket.IPV4_UDP.wireBytes(),
                            "rejected", 1L,
                            "unstamped_forwarded", 1L),
                    restorer.counted());
        }
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "0, 18", "65504, 18"})
    void theTagIsBelievedWhereTheOperatorTrustsIt(int tcIndex, int ingress) throws Exception {
        try (RestorerProbe restorer = RestorerProbe.of(IDENTITY).flags(TRUST_HASH)) {
            assertBelieved(7, restorer.run(unproven(tcIndex, ingress)));
        }
    }

    @Test
    void twoFlagsAreTwoDecisions() throws Exception {
        try (RestorerProbe restorer = RestorerProbe.of(IDENTITY).flags(TRUST_HASH | KEEP_UNSTAMPED)) {
            assertBelieved(7, restorer.run(unproven(0, STRANGER)));
            assertEquals(
                    FROM_TOS,
                    restorer.run(StampPacket.ICMP.skb().ingress(STRANGER).priority(FROM_TOS))
                            .priority());
        }
    }

    @ParameterizedTest
    @EnumSource(StampPacket.class)
    void aForwardedPacketThatNobodyStampedIsClass0(StampPacket packet) throws Exception {
        try (RestorerProbe restorer = RestorerProbe.of(IDENTITY)) {
            Outcome seen = restorer.run(packet.skb().ingress(STRANGER).priority(FROM_TOS));

            assertEquals(UNSPEC, seen.verdict());
            assertEquals(0, seen.priority());
            assertEquals(Map.of("unstamped_forwarded", packet.wirePackets()), restorer.counted());
        }
    }

    /** A known pod, or the proof alone, does not make a stamp. */
    @Test
    void withoutTheTagNothingElseCounts() throws Exception {
        try (RestorerProbe restorer = RestorerProbe.of(IDENTITY).flags(TRUST_HASH)) {
            StampSkb sent = StampPacket.IPV4_UDP
                    .skb()
                    .ingress(PEER)
                    .tcIndex(IDENTITY.tcIndex())
                    .priority(FROM_TOS);

            assertEquals(0, restorer.run(sent).priority());
            assertEquals(Map.of("unstamped_forwarded", 1L), restorer.counted());
        }
    }

    @Test
    void forwardedPacketsKeepTheirPriorityWhereTheOperatorSaysSo() throws Exception {
        try (RestorerProbe restorer = RestorerProbe.of(IDENTITY).flags(KEEP_UNSTAMPED)) {
            Outcome seen =
                    restorer.run(StampPacket.IPV4_UDP.skb().ingress(STRANGER).priority(FROM_TOS));

            assertEquals(FROM_TOS, seen.priority());
            assertEquals(Map.of("unstamped_forwarded", 1L), restorer.counted());
        }
    }

    @ParameterizedTest
    @EnumSource(StampPacket.class)
    void aPacketOfTheNodeItselfIsNotTouched(StampPacket packet) throws Exception {
        try (RestorerProbe restorer = RestorerProbe.of(IDENTITY)) {
            StampSkb sent = packet.skb()
                    .priority(0x10003)
                    .hash(0x12345678)
                    .tcIndex(0xabc3)
                    .tstamp(11);
            Outcome seen = restorer.run(sent);

            assertEquals(UNSPEC, seen.verdict());
            assertEquals(0x10003, seen.priority());
            assertEquals(0x12345678, seen.hash());
            assertEquals(0xabc3, seen.tcIndex());
            assertEquals(11, seen.tstamp());
            assertArrayEquals(sent.packet(), seen.packet());
            assertEquals(Map.of("unstamped_local", packet.wirePackets()), restorer.counted());
        }
    }
}

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

/** From a saver to a restorer, over what a veth and a router do to a packet. */
@Tag("kernel")
@Tag("kernel-ci")
@RequiresRoot
class StampRoundTripIT {
    /** What the path makes of the priority: a veth writes 0, ip_forward what the TOS byte says. */
    private static final int ON_ARRIVAL = 2;

    /** Through pod and host to the NIC. */
    private static Outcome travel(StampSkb sent, SaverProbe saver, RestorerProbe restorer) throws Exception {
        Outcome left = saver.run(sent);
        return restorer.run(sent.hash(left.hash())
                .tcIndex(left.tcIndex())
                .priority(ON_ARRIVAL)
                .ingress(RestorerProbe.STRANGER));
    }

    @ParameterizedTest
    @EnumSource(StampPacket.class)
    void allSixteenPrioritiesArrive(StampPacket packet) throws Exception {
        for (StampIdentity identity : StampIdentity.samples().toList()) {
            try (SaverProbe saver = SaverProbe.stamping(identity);
                    RestorerProbe restorer = RestorerProbe.of(identity)) {
                for (int priority = 0; priority < 16; priority++) {
                    Outcome arrived = travel(packet.skb().priority(priority), saver, restorer);

                    assertEquals(priority, arrived.priority());
                    assertTrue(arrived.isHashInvalid());
                    assertEquals(0, arrived.tcIndex());
                    assertArrayEquals(packet.skb().packet(), arrived.packet());
                }
            }
        }
    }

    /** Another tag, another proof, and both, as after a reboot of one of two nodes' data planes. */
    @ParameterizedTest
    @CsvSource({"0x2a5a4, 0x5a6", "0x2a5a5, 0x5a7", "0x15a5a, 0x2a1"})
    void anotherBootsStampIsWorthNothing(int tag, int proof) throws Exception {
        try (SaverProbe saver = SaverProbe.stamping(new StampIdentity(tag, proof));
                RestorerProbe restorer = RestorerProbe.of(StampIdentity.SOME)) {
            for (int priority = 0; priority < 16; priority++) {
                Outcome arrived = travel(StampPacket.IPV4_UDP.skb().priority(priority), saver, restorer);

                assertEquals(0, arrived.priority());
            }
            assertEquals(16, restorer.counted().get("unstamped_forwarded"));
        }
    }

    /** A pod in a pod, both attached: the outer policy has the last word, and the flow stays on its path. */
    @Test
    void aStampOnAStampIsOneStamp() throws Exception {
        StampIdentity identity = StampIdentity.SOME;
        try (SaverProbe inner = SaverProbe.stamping(identity);
                SaverProbe outer = SaverProbe.stamping(identity).policy(ON_ARRIVAL, 0, 5);
                RestorerProbe restorer = RestorerProbe.of(identity)) {
            StampSkb sent = StampPacket.IPV6_TCP.skb().priority(3);
            Outcome once = inner.run(sent);
            StampSkb again = sent.hash(once.hash()).tcIndex(once.tcIndex()).priority(ON_ARRIVAL);

            assertEquals(identity.hash(once.hash(), 5), outer.run(again).hash());
            assertEquals(5, travel(again, outer, restorer).priority());
            assertEquals(
                    Map.of("restored[5].packets", 1L, "restored[5].bytes", StampPacket.IPV6_TCP.wireBytes()),
                    restorer.counted());
        }
    }
}

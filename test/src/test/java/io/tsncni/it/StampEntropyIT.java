// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tsncni.it.StampProbe.Outcome;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Receive steering, queue choice and fq_codel scale a packet's hash: stamped flows must spread, and stay in order. */
@Tag("kernel")
@RequiresRoot
class StampEntropyIT {
    private static final int FLOWS = 4096;
    private static final int FIRST_PORT = 1024;

    /** A fair hash leaves a bucket this many standard deviations off once in 10^11 runs. */
    private static final double TOLERANCE = 7;

    private static int stamp(SaverProbe saver, int flow, int priority, int payload) throws Exception {
        byte[] packet = StampPacket.udpFlow(FIRST_PORT + flow, payload);
        return saver.run(StampSkb.of(packet).priority(priority)).hash();
    }

    /** reciprocal_scale() of include/linux/kernel.h. */
    private static int scale(int hash, int buckets) {
        return (int) (Integer.toUnsignedLong(hash) * buckets >>> 32);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 4, 8, 16})
    void flowsOfOnePrioritySpreadOverTheQueues(int queues) throws Exception {
        int[] seen = new int[queues];
        try (SaverProbe saver = SaverProbe.stamping(StampIdentity.SOME)) {
            for (int flow = 0; flow < FLOWS; flow++) {
                seen[scale(stamp(saver, flow, 6, 100), queues)]++;
            }
        }
        double share = 1.0 / queues;
        double allowed = TOLERANCE * Math.sqrt(FLOWS * share * (1 - share));
        for (int queue = 0; queue < queues; queue++) {
            assertEquals(FLOWS * share, seen[queue], allowed, "queue " + queue + " of " + queues);
        }
    }

    /** Nine bits are 512 values; with eight flows for each, a fair hash misses hardly one. */
    @Test
    void flowsTakeAllTheEntropyThereIs() throws Exception {
        Set<Integer> seen = new HashSet<>();
        try (SaverProbe saver = SaverProbe.stamping(StampIdentity.SOME)) {
            for (int flow = 0; flow < FLOWS; flow++) {
                seen.add(stamp(saver, flow, 6, 100) >>> 23);
            }
        }
        assertTrue(seen.size() > 490, () -> seen.size() + " of 512");
    }

    /** Whatever the packet's length and priority: only the four low bits may differ. */
    @Test
    void thePacketsOfOneFlowStayOnOnePath() throws Exception {
        try (SaverProbe saver = SaverProbe.stamping(StampIdentity.SOME)) {
            for (int flow = 0; flow < 64; flow++) {
                int first = stamp(saver, flow, 0, 100);
                for (int packet = 0; packet < 32; packet++) {
                    int priority = packet % 16;

                    assertEquals(first | priority, stamp(saver, flow, priority, 10 + 40 * packet));
                }
            }
        }
    }

    @Test
    void whatIsNoPlainIpHasTheKernelsOwnHash() throws Exception {
        try (SaverProbe saver = SaverProbe.stamping(StampIdentity.SOME)) {
            for (StampPacket packet : List.of(StampPacket.TAGGED, StampPacket.IPV6_FRAGMENT, StampPacket.RAW_L2)) {
                Outcome left = saver.run(packet.skb());
                assertEquals(left.flowHash() >>> 23, left.hash() >>> 23, packet.toString());
            }
        }
    }

    @Test
    void flowsOfOneHostDifferByTheOthersAddress() throws Exception {
        Set<Integer> seen = new HashSet<>();
        try (SaverProbe saver = SaverProbe.stamping(StampIdentity.SOME)) {
            for (StampPacket kind : List.of(StampPacket.IPV4_UDP, StampPacket.IPV6_TCP)) {
                byte[] packet = kind.skb().packet();
                int lastOfAddress = 14 + (kind == StampPacket.IPV4_UDP ? 19 : 39);
                for (int host = 0; host < 256; host++) {
                    packet[lastOfAddress] = (byte) host;
                    seen.add(saver.run(StampSkb.of(packet)).hash() >>> 23);
                }
            }
        }
        // 512 throws at 512 values: a fair hash takes 324 of them, give or take 10.
        assertTrue(seen.size() > 254, () -> seen.size() + " of 512");
    }

    /** A fragment has no ports, the first included. */
    @Test
    void theFragmentsOfOneDatagramStayOnOnePath() throws Exception {
        try (SaverProbe saver = SaverProbe.stamping(StampIdentity.SOME)) {
            assertEquals(
                    saver.run(StampPacket.IPV4_FIRST_FRAGMENT.skb()).hash(),
                    saver.run(StampPacket.IPV4_LATER_FRAGMENT.skb()).hash());
        }
    }
}

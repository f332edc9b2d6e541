// SPDX-License-Identifier: Apache-2.0
package io.tsncni.testbed;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * What a NIC's qdisc saw of a crowd: {@code struct tally} of crowd.bpf.c.
 *
 * @param own packets with the priority that they should have
 * @param lost with 0, and had asked for another
 * @param foreign with one that they never asked for
 * @param silent that say nothing of it: TCP without data, ARP
 */
record CrowdTally(long own, long lost, long foreign, long silent) {
    static CrowdTally sum(List<ByteBuffer> perCpu) {
        long[] sums = new long[4];
        for (ByteBuffer tally : perCpu) {
            for (int i = 0; i < sums.length; i++) {
                sums[i] += tally.getLong(i * Long.BYTES);
            }
        }
        return new CrowdTally(sums[0], sums[1], sums[2], sums[3]);
    }

    long judged() {
        return own + lost + foreign;
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.datapath;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * struct restorer_counters, summed over the CPUs.
 *
 * @param restored one element for each priority of 0 to 15
 * @param unstampedForwarded packets from elsewhere that nobody stamped
 * @param unstampedLocal packets of the node itself
 * @param rejected packets with the tag but without a second proof
 */
public record RestorerCounters(List<Traffic> restored, long unstampedForwarded, long unstampedLocal, long rejected) {
    static final int SIZE = Stamp.PRIORITIES * 16 + 3 * 8;

    static RestorerCounters sum(List<ByteBuffer> perCpu) {
        List<Long> rest = PerCpu.numbers(perCpu, Stamp.PRIORITIES * 16, 3);
        return new RestorerCounters(PerCpu.traffic(perCpu, 0, Stamp.PRIORITIES), rest.get(0), rest.get(1), rest.get(2));
    }
}

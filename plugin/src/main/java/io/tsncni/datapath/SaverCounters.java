// SPDX-License-Identifier: Apache-2.0
package io.tsncni.datapath;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * struct saver_counters, summed over the CPUs. Each list has one element for each of 0 to 15 and one for the rest.
 *
 * @param to sent on, by NIC priority
 * @param from packets seen, by pod priority
 * @param dropped packets that the policy dropped, by pod priority
 */
public record SaverCounters(List<Traffic> to, List<Long> from, List<Long> dropped) {
    static final int SIZE = Stamp.ROWS * (16 + 8 + 8);

    static SaverCounters sum(List<ByteBuffer> perCpu) {
        return new SaverCounters(
                PerCpu.traffic(perCpu, 0, Stamp.ROWS),
                PerCpu.numbers(perCpu, Stamp.ROWS * 16, Stamp.ROWS),
                PerCpu.numbers(perCpu, Stamp.ROWS * 24, Stamp.ROWS));
    }
}

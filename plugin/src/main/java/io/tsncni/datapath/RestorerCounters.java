// SPDX-License-Identifier: Apache-2.0
package io.tsncni.datapath;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * struct restorer_counters, summed over the CPUs.
 *
 * @param restored one element for each priority of 0 to 15, and one for the rest
 * @param unstampedForwarded packets from elsewhere that nobody stamped
 * @param unstampedLocal packets of the node itself
 * @param rejected packets with the tag but without a second proof
 * @param stale packets whose slot had got a new owner before they arrived
 * @param txtimeRestored packets that got their launch time back
 * @param txtimeConverted packets whose launch time is now of the clock that fq goes by
 * @param txtimeCleared packets that lost their launch time, because fq would have dropped them
 */
public record RestorerCounters(
        List<Traffic> restored,
        long unstampedForwarded,
        long unstampedLocal,
        long rejected,
        long stale,
        long txtimeRestored,
        long txtimeConverted,
        long txtimeCleared) {
    private static final int NUMBERS = 7;
    static final int SIZE = Stamp.ROWS * 16 + NUMBERS * 8;

    static RestorerCounters sum(List<ByteBuffer> perCpu) {
        List<Long> rest = PerCpu.numbers(perCpu, Stamp.ROWS * 16, NUMBERS);
        return new RestorerCounters(
                PerCpu.traffic(perCpu, 0, Stamp.ROWS),
                rest.get(0),
                rest.get(1),
                rest.get(2),
                rest.get(3),
                rest.get(4),
                rest.get(5),
                rest.get(6));
    }
}

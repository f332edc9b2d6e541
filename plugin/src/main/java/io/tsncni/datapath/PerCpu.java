// SPDX-License-Identifier: Apache-2.0
package io.tsncni.datapath;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.IntStream;

/** Sums of per-CPU values, element by element. */
final class PerCpu {
    private PerCpu() {}

    static List<Long> numbers(List<ByteBuffer> perCpu, int offset, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> perCpu.stream()
                        .mapToLong(value -> value.getLong(offset + 8 * i))
                        .sum())
                .toList();
    }

    static List<Traffic> traffic(List<ByteBuffer> perCpu, int offset, int count) {
        List<Long> numbers = numbers(perCpu, offset, 2 * count);
        return IntStream.range(0, count)
                .mapToObj(i -> new Traffic(numbers.get(2 * i), numbers.get(2 * i + 1)))
                .toList();
    }
}

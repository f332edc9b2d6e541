// SPDX-License-Identifier: Apache-2.0
package io.tsncni.datapath;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tsncni.linux.CHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Buffers as the kernel fills them, laid out by the header: every word of every CPU is another number. */
class CountersTest {
    private static CHeader header;

    private final List<ByteBuffer> perCpu = new ArrayList<>();
    private String struct;

    @BeforeAll
    static void readHeader() throws IOException {
        header = CHeader.read(StampTest.HEADER);
    }

    /** As BpfMap.getPerCpu cuts them: slices of one array. */
    private void fill(String name, int cpus) {
        struct = name;
        int size = header.sizeOf(name);
        ByteBuffer all = ByteBuffer.allocate(cpus * size);
        for (int cpu = 0; cpu < cpus; cpu++) {
            ByteBuffer value = all.slice(cpu * size, size).order(ByteOrder.nativeOrder());
            for (int offset = 0; offset < size; offset += 8) {
                value.putLong(offset, word(cpu, offset));
            }
            perCpu.add(value);
        }
    }

    /** Beyond 32 bits from the second CPU on. */
    private static long word(int cpu, int offset) {
        return (long) cpu * 5_000_000_000L + offset + 1;
    }

    private long sum(String member, int index) {
        int offset = header.offsetOf(struct, member) + 8 * index;
        return IntStream.range(0, perCpu.size())
                .mapToLong(cpu -> word(cpu, offset))
                .sum();
    }

    private List<Long> sums(String member, int count) {
        return IntStream.range(0, count).mapToObj(i -> sum(member, i)).toList();
    }

    private List<Traffic> traffic(String member, int count) {
        int packets = header.offsetOf("traffic", "packets") / 8;
        int bytes = header.offsetOf("traffic", "bytes") / 8;
        return IntStream.range(0, count)
                .mapToObj(i -> new Traffic(sum(member, 2 * i + packets), sum(member, 2 * i + bytes)))
                .toList();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7})
    void aSaversCountersAreTheSumsOverTheCpus(int cpus) {
        fill("saver_counters", cpus);
        assertEquals(
                new SaverCounters(traffic("to", 17), sums("from", 17), sums("dropped", 17)), SaverCounters.sum(perCpu));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7})
    void aRestorersCountersAreTheSumsOverTheCpus(int cpus) {
        fill("restorer_counters", cpus);
        assertEquals(
                new RestorerCounters(
                        traffic("restored", 17),
                        sum("unstamped_forwarded", 0),
                        sum("unstamped_local", 0),
                        sum("rejected", 0),
                        sum("stale", 0),
                        sum("txtime_restored", 0),
                        sum("txtime_converted", 0),
                        sum("txtime_cleared", 0)),
                RestorerCounters.sum(perCpu));
    }
}

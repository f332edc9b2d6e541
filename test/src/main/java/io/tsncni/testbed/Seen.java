// SPDX-License-Identifier: Apache-2.0
package io.tsncni.testbed;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;

/**
 * What the egress NIC's qdisc has seen of one port: {@code struct seen} of observer.bpf.c.
 *
 * @param packets by priority 0..15, the last one is every priority above
 * @param cpus, queues, pcps a bit each for the CPUs, NIC queues and VLAN priorities of these packets
 * @param timed packets with a launch time
 * @param rightTstamps those of them whose payload says the same time
 * @param outOfOrder UDP: packets whose number was not above that of the one before
 */
public record Seen(
        List<Long> packets,
        long cpus,
        long queues,
        long pcps,
        long timed,
        long lastTstamp,
        long rightTstamps,
        long outOfOrder,
        long lastSeq,
        long maxSegs,
        long lastPriority) {

    static Seen parse(JsonNode seen) {
        return new Seen(
                StreamSupport.stream(seen.required("packets").spliterator(), false)
                        .map(JsonNode::asLong)
                        .toList(),
                seen.required("cpus").asLong(),
                seen.required("queues").asLong(),
                seen.required("pcps").asLong(),
                seen.required("timed").asLong(),
                seen.required("last_tstamp").asLong(),
                seen.required("right_tstamps").asLong(),
                seen.required("out_of_order").asLong(),
                seen.required("last_seq").asLong(),
                seen.required("max_segs").asLong(),
                seen.required("last_priority").asLong());
    }

    /** Packets of one priority; 16 means: of all priorities above 15. */
    public long at(int priority) {
        return packets.get(priority);
    }

    public long total() {
        return packets.stream().mapToLong(Long::longValue).sum();
    }

    public long aboveZero() {
        return total() - at(0);
    }

    /** The packets since then; everything else is as it is now. */
    public Seen since(Seen before) {
        List<Long> difference = IntStream.range(0, packets.size())
                .mapToObj(priority -> at(priority) - before.at(priority))
                .toList();
        return new Seen(
                difference,
                cpus,
                queues,
                pcps,
                timed,
                lastTstamp,
                rightTstamps,
                outOfOrder,
                lastSeq,
                maxSegs,
                lastPriority);
    }
}

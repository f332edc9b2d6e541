// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import io.tsncni.linux.libbpf.BpfTestRun.Field;
import java.util.EnumMap;
import java.util.Map;

/** A packet on its way into a probe; what nobody sets is 0, and the hash not valid. {@code probe.h} says the cb[]. */
record StampSkb(byte[] packet, Map<Field, Long> fields) {
    private static final long PROBE_HASHED = 1;

    static StampSkb of(byte[] packet) {
        return new StampSkb(packet, Map.of());
    }

    StampSkb with(Map<Field, Long> more) {
        Map<Field, Long> all = new EnumMap<>(Field.class);
        all.putAll(fields);
        all.putAll(more);
        return new StampSkb(packet, all);
    }

    StampSkb priority(long priority) {
        return with(Map.of(Field.PRIORITY, priority));
    }

    StampSkb tstamp(long tstamp) {
        return with(Map.of(Field.TSTAMP, tstamp));
    }

    StampSkb ingress(int ifIndex) {
        return with(Map.of(Field.INGRESS_IFINDEX, (long) ifIndex));
    }

    StampSkb hash(int hash) {
        return with(Map.of(Field.CB_0, PROBE_HASHED, Field.CB_1, (long) hash));
    }

    StampSkb tcIndex(int tcIndex) {
        return with(Map.of(Field.CB_2, (long) tcIndex));
    }
}

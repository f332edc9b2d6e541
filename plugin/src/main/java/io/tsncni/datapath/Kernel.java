// SPDX-License-Identifier: Apache-2.0
package io.tsncni.datapath;

import io.tsncni.linux.libbpf.BpfHelper;
import io.tsncni.linux.libc.Clock;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/**
 * What the running kernel can do, asked and tried, never told by its version.
 *
 * @param flags KERNEL_* of {@code stamp.h}, as the programs want them
 * @param kept the clocks whose launch times get out of a pod by themselves
 */
public record Kernel(int flags, Set<Clock> kept) {
    private static final System.Logger LOG = System.getLogger(Kernel.class.getName());

    public Kernel {
        kept = Set.copyOf(kept);
    }

    /** @param forceSlots whether nothing is to be left to the kernel that a slot can do */
    static Kernel probe(Path objects, boolean forceSlots) throws IOException {
        int flags = (BpfHelper.SKB_SET_TSTAMP.isThere() ? Stamp.KERNEL_TSTAMP_TYPE : 0)
                | (BpfHelper.KTIME_GET_TAI_NS.isThere() ? Stamp.KERNEL_TAI_CLOCK : 0);
        Map<Clock, Crossing.Seen> seen;
        try {
            seen = Crossing.tried(objects.resolve("crossing.bpf.o"), flags);
        } catch (IOException e) {
            LOG.log(
                    Level.WARNING,
                    "cannot try what becomes of launch times (SO_TXTIME), and carries them all: {0}",
                    e.getMessage());
            seen = Map.of();
        }
        return of(flags, seen, forceSlots);
    }

    static Kernel of(int flags, Map<Clock, Crossing.Seen> seen, boolean forceSlots) {
        int all = flags;
        if (seen.containsKey(Clock.TAI) && seen.get(Clock.TAI).type() == Stamp.TSTAMP_TAI) {
            all |= Stamp.KERNEL_CLOCK_TYPES;
        }
        if (forceSlots) {
            return new Kernel(all | Stamp.KERNEL_FORCE_SLOTS, Set.of());
        }
        EnumSet<Clock> kept = EnumSet.noneOf(Clock.class);
        for (int type = 0; type < Stamp.TSTAMP_TYPES; type++) {
            int wanted = type;
            // Where several clocks have one type, all of them must get through.
            boolean keeps = seen.values().stream().anyMatch(one -> one.type() == wanted)
                    && seen.values().stream().allMatch(one -> one.type() != wanted || one.kept());
            if (keeps) {
                all |= 1 << Stamp.KERNEL_KEEPS_SHIFT + type;
                seen.forEach((clock, one) -> {
                    if (one.type() == wanted) {
                        kept.add(clock);
                    }
                });
            }
        }
        return new Kernel(all, kept);
    }
}

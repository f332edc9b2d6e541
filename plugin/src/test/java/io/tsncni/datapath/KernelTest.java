// SPDX-License-Identifier: Apache-2.0
package io.tsncni.datapath;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tsncni.linux.libc.Clock;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** From what a trial has shown to what the programs are told. */
class KernelTest {
    private static final int KEEPS_MONOTONIC = 1 << Stamp.KERNEL_KEEPS_SHIFT + 1;
    private static final int KEEPS_TAI = 1 << Stamp.KERNEL_KEEPS_SHIFT + 2;

    @Test
    void since611TaiAndMonotonicGetOutByThemselves() {
        Map<Clock, Crossing.Seen> seen = Map.of(
                Clock.REALTIME,
                new Crossing.Seen(0, false),
                Clock.MONOTONIC,
                new Crossing.Seen(1, true),
                Clock.TAI,
                new Crossing.Seen(2, true));
        int has = Stamp.KERNEL_TSTAMP_TYPE | Stamp.KERNEL_TAI_CLOCK;
        assertEquals(
                new Kernel(
                        has | Stamp.KERNEL_CLOCK_TYPES | KEEPS_MONOTONIC | KEEPS_TAI,
                        Set.of(Clock.MONOTONIC, Clock.TAI)),
                Kernel.of(has, seen, false));
    }

    @Test
    void before611AllHaveOneTypeAndAreLost() {
        Map<Clock, Crossing.Seen> seen = Map.of(
                Clock.REALTIME,
                new Crossing.Seen(0, false),
                Clock.MONOTONIC,
                new Crossing.Seen(0, false),
                Clock.TAI,
                new Crossing.Seen(0, false));
        assertEquals(new Kernel(Stamp.KERNEL_TSTAMP_TYPE, Set.of()), Kernel.of(Stamp.KERNEL_TSTAMP_TYPE, seen, false));
    }

    @Test
    void whatOneClockLosesIsCarriedForAllOfItsType() {
        Map<Clock, Crossing.Seen> seen =
                Map.of(Clock.REALTIME, new Crossing.Seen(0, false), Clock.TAI, new Crossing.Seen(0, true));
        assertEquals(new Kernel(0, Set.of()), Kernel.of(0, seen, false));
    }

    @Test
    void withoutATrialNothingIsTrusted() {
        assertEquals(new Kernel(0, Set.of()), Kernel.of(0, Map.of(), false));
    }

    @Test
    void forcedSlotsLeaveNothingToTheKernel() {
        Map<Clock, Crossing.Seen> seen =
                Map.of(Clock.MONOTONIC, new Crossing.Seen(1, true), Clock.TAI, new Crossing.Seen(2, true));
        assertEquals(
                new Kernel(Stamp.KERNEL_CLOCK_TYPES | Stamp.KERNEL_FORCE_SLOTS, Set.of()), Kernel.of(0, seen, true));
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.install;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;

/** Keeps us from a race with another program that undoes what we write. Who writes seldom is followed at once. */
final class Restraint {
    static final int MOST = 5;
    static final Duration WITHIN = Duration.ofMinutes(1);
    static final Duration FIRST = Duration.ofSeconds(10);
    static final Duration LONGEST = Duration.ofMinutes(5);

    private final InstantSource clock;
    private final Deque<Instant> writes = new ArrayDeque<>();
    private Duration pause = Duration.ZERO;

    Restraint(InstantSource clock) {
        this.clock = clock;
    }

    /**
     * After a look at the directory, which comes no earlier than the last answer said.
     *
     * @param wrote whether it found something to write
     * @return how long to leave the other alone
     */
    Duration next(boolean wrote) {
        Instant now = clock.instant();
        writes.removeIf(write -> write.isBefore(now.minus(WITHIN)));
        if (wrote) {
            writes.add(now);
        }
        if (wrote && !pause.isZero()) {
            pause = pause.multipliedBy(2).compareTo(LONGEST) < 0 ? pause.multipliedBy(2) : LONGEST;
        } else if (wrote && writes.size() > MOST) {
            pause = FIRST;
        } else {
            pause = Duration.ZERO;
        }
        return pause;
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.install;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class RestraintTest {
    private Instant now = Instant.EPOCH;
    private final Restraint restraint = new Restraint(() -> now);

    private void after(Duration time) {
        now = now.plus(time);
    }

    @Test
    void aFewWritesAMinuteAreFollowedAtOnce() {
        for (int i = 0; i < 100; i++) {
            assertEquals(Duration.ZERO, restraint.next(true), "write " + i);
            after(Restraint.WITHIN.dividedBy(Restraint.MOST).plusMillis(1));
        }
    }

    @Test
    void whoKeepsWritingIsFollowedEverMoreSlowly() {
        for (int i = 0; i < Restraint.MOST; i++) {
            assertEquals(Duration.ZERO, restraint.next(true));
        }
        Duration expected = Restraint.FIRST;
        for (int i = 0; i < 20; i++) {
            assertEquals(expected, restraint.next(true));
            after(expected);
            expected = Duration.ofSeconds(Math.min(2 * expected.toSeconds(), Restraint.LONGEST.toSeconds()));
        }
        assertEquals(Restraint.LONGEST, expected);
    }

    @Test
    void whoHasStoppedIsFollowedAtOnceAgain() {
        for (int i = 0; i <= Restraint.MOST; i++) {
            restraint.next(true);
        }
        after(Duration.ofMinutes(2));
        assertEquals(Duration.ZERO, restraint.next(false));
        assertEquals(Duration.ZERO, restraint.next(true));
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.fail;

import io.tsncni.testbed.Patience;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/** For what the kernel or another process does a moment later. */
final class Eventually {
    private Eventually() {}

    static void assertTrue(Duration patience, BooleanSupplier condition, String otherwise) {
        Duration longest = Patience.of(patience);
        long deadline = System.nanoTime() + longest.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                fail(otherwise + " after " + longest.toSeconds() + " s");
            }
            try {
                Thread.sleep(20);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                fail("interrupted");
            }
        }
    }
}

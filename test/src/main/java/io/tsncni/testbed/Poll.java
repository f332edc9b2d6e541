// SPDX-License-Identifier: Apache-2.0
package io.tsncni.testbed;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for what another process does in its own time. */
final class Poll {
    private Poll() {}

    static void until(BooleanSupplier there, Duration patience, Supplier<String> otherwise) {
        Duration longest = Patience.of(patience);
        long deadline = System.nanoTime() + longest.toNanos();
        while (!there.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException(otherwise.get() + " after " + longest.toSeconds() + " s");
            }
            Background.pause();
        }
    }
}

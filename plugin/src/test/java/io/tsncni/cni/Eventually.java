// SPDX-License-Identifier: Apache-2.0
package io.tsncni.cni;

import java.util.function.BooleanSupplier;

/** Waits for what others do. */
public final class Eventually {
    private static final long PATIENCE_NANOS = 10_000_000_000L;

    private Eventually() {}

    public static void holds(String what, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("never came true: " + what);
            }
            Thread.sleep(5);
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.testbed;

import java.time.Duration;

/** How long to wait for another process or the kernel. */
public final class Patience {
    /** On an emulated machine all take their time; {@code test/vm/tests} says how much more. */
    private static final int FACTOR = Integer.getInteger("tsn.patience", 1);

    private Patience() {}

    /** What is {@code usual} on a real machine, made this machine's. */
    public static Duration of(Duration usual) {
        return usual.multipliedBy(FACTOR);
    }
}

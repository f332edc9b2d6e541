// SPDX-License-Identifier: Apache-2.0
package io.tsncni.linux.libc;

import com.sun.jna.Native;

/** The kernel's clocks that SO_TXTIME knows. */
public enum Clock {
    REALTIME(0),
    MONOTONIC(1),
    TAI(11);

    private final int id;

    Clock(int id) {
        this.id = id;
    }

    /** clockid_t. */
    public int id() {
        return id;
    }

    /** What it shows, in nanoseconds. */
    public long now() throws SystemCallException {
        long[] timespec = new long[2];
        if (LibC.clock_gettime(id, timespec) < 0) {
            throw new SystemCallException("clock_gettime", this, Native.getLastError());
        }
        return timespec[0] * 1_000_000_000L + timespec[1];
    }
}

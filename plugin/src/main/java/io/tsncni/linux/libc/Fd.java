// SPDX-License-Identifier: Apache-2.0
package io.tsncni.linux.libc;

import com.sun.jna.Native;
import java.util.concurrent.atomic.AtomicBoolean;

/** A file descriptor that we own. Closing it twice is harmless: the number may be somebody else's by then. */
public final class Fd implements AutoCloseable {
    private final int number;
    private final AtomicBoolean closed = new AtomicBoolean();

    public Fd(int number) {
        this.number = number;
    }

    /** Takes what a call returned, or throws with its errno when that is negative. */
    public static Fd of(int returned, String call, Object subject) throws SystemCallException {
        if (returned < 0) {
            throw new SystemCallException(call, subject, Native.getLastError());
        }
        return new Fd(returned);
    }

    public int number() {
        return number;
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            LibC.close(number);
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.linux.libc;

import java.io.IOException;

/** A system or library call that failed: which, on what, with which errno. */
public final class SystemCallException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int errno;

    public SystemCallException(String call, Object subject, int errno) {
        super(call + "(" + subject + "): " + LibC.strerror(errno) + " (errno " + errno + ")");
        this.errno = errno;
    }

    public int errno() {
        return errno;
    }
}

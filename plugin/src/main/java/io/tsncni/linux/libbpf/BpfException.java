// SPDX-License-Identifier: Apache-2.0
package io.tsncni.linux.libbpf;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import io.tsncni.linux.libc.LibC;
import java.io.IOException;

/** A libbpf call that failed: which, on what, with which errno, and what libbpf or the verifier said. */
public final class BpfException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int errno;

    BpfException(String call, Object subject, int errno) {
        super(message(call, subject, errno, LibBpfLog.take()));
        this.errno = errno;
    }

    private static String message(String call, Object subject, int errno, String said) {
        String message = call + "(" + subject + "): " + LibC.strerror(errno) + " (errno " + errno + ")";
        return said.isEmpty() ? message : message + ": " + said;
    }

    public int errno() {
        return errno;
    }

    /** Passes on what a call returned, or throws: below 0 it is -errno. */
    static int check(int returned, String call, Object subject) throws BpfException {
        if (returned < 0) {
            throw new BpfException(call, subject, -returned);
        }
        return returned;
    }

    /** Passes on the pointer that a call returned, or throws: null leaves errno. */
    static Pointer check(Pointer returned, String call, Object subject) throws BpfException {
        if (returned == null) {
            throw new BpfException(call, subject, Native.getLastError());
        }
        return returned;
    }
}

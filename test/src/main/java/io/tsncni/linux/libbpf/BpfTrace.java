// SPDX-License-Identifier: Apache-2.0
package io.tsncni.linux.libbpf;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import io.tsncni.linux.libc.Fd;
import java.io.IOException;

/** Attaches programs that trace the kernel: only what is measured against does that, never the product. */
public final class BpfTrace {
    static {
        Native.register(BpfTrace.class, NativeLibrary.getInstance("libbpf.so.1"));
    }

    private BpfTrace() {}

    private static native int bpf_raw_tracepoint_open(String name, int programFd);

    /** To the function that the program was compiled for, until it is closed. */
    public static Fd attach(BpfProgram program) throws IOException {
        int returned = bpf_raw_tracepoint_open(null, program.fd());
        return new Fd(BpfException.check(returned, "bpf_raw_tracepoint_open", program.name()));
    }
}

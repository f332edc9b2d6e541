// SPDX-License-Identifier: Apache-2.0
package io.tsncni.linux.libbpf;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import io.tsncni.linux.libc.Fd;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** What the kernel itself measures of its programs, which is off by default because it costs two clock readings a run. */
public final class BpfRunStats {
    private static final int BPF_STATS_RUN_TIME = 0;
    private static final int INFO_RUN_TIME_NS = 192; // offsets in struct bpf_prog_info
    private static final int INFO_RUN_CNT = 200;
    private static final int INFO_SIZE = 208;

    static {
        Native.register(BpfRunStats.class, NativeLibrary.getInstance("libbpf.so.1"));
    }

    private BpfRunStats() {}

    private static native int bpf_enable_stats(int type);

    /** So far, since it was loaded, while the measuring was on. */
    public record Cost(long runs, long nanos) {
        public Cost since(Cost before) {
            return new Cost(runs - before.runs, nanos - before.nanos);
        }

        public double nanosPerRun() {
            return (double) nanos / runs;
        }
    }

    /** On, for the whole machine, until it is closed or this process ends. */
    public static Fd enable() throws IOException {
        return new Fd(BpfException.check(bpf_enable_stats(BPF_STATS_RUN_TIME), "bpf_enable_stats", "run time"));
    }

    public static Cost of(BpfProgram program) throws IOException {
        byte[] info = new byte[INFO_SIZE];
        BpfException.check(
                LibBpf.bpf_obj_get_info_by_fd(program.fd(), info, new int[] {info.length}),
                "bpf_obj_get_info_by_fd",
                "program");
        ByteBuffer values = ByteBuffer.wrap(info).order(ByteOrder.nativeOrder());
        return new Cost(values.getLong(INFO_RUN_CNT), values.getLong(INFO_RUN_TIME_NS));
    }
}

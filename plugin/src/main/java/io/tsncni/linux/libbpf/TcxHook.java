// SPDX-License-Identifier: Apache-2.0
package io.tsncni.linux.libbpf;

import com.sun.jna.Memory;
import io.tsncni.linux.libc.LibC;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Whose programs tcx runs on a device of the calling thread's namespace, whoever has attached them. */
public enum TcxHook {
    INGRESS(LibBpf.BPF_TCX_INGRESS, "ingress"),
    EGRESS(LibBpf.BPF_TCX_EGRESS, "egress");

    /** BPF_MPROG_MAX: the kernel takes no more. */
    private static final int PROGRAMS_MAX = 64;

    /** Of struct bpf_prog_query_opts as libbpf has it since 0.8; later members stay unasked. */
    private static final int OPTS_SIZE = 40;

    private final int attachType;
    private final String text;

    TcxHook(int attachType, String text) {
        this.attachType = attachType;
        this.text = text;
    }

    /** Their numbers, in the order in which packets meet them; none on a kernel without tcx, or if the device is gone. */
    public List<Integer> programs(int ifIndex) throws IOException {
        try (Memory opts = new Memory(OPTS_SIZE);
                Memory ids = new Memory(4L * PROGRAMS_MAX)) {
            opts.clear();
            opts.setLong(0, OPTS_SIZE);
            opts.setPointer(16, ids);
            opts.setInt(24, PROGRAMS_MAX);
            int returned = LibBpf.bpf_prog_query_opts(ifIndex, attachType, opts);
            boolean none = returned == -LibC.EINVAL || returned == -LibC.ENODEV || returned == -LibC.ENOENT;
            if (!none) {
                BpfException.check(returned, "bpf_prog_query_opts", this + " of ifindex " + ifIndex);
            }
            List<Integer> found = new ArrayList<>();
            for (int i = 0; !none && i < opts.getInt(24); i++) {
                found.add(ids.getInt(4L * i));
            }
            return found;
        }
    }

    /** Takes one off that no link holds; not there is fine. */
    public void detach(BpfProgram program, int ifIndex) throws IOException {
        int returned = LibBpf.bpf_prog_detach2(program.fd(), ifIndex, attachType);
        if (returned != -LibC.ENOENT && returned != -LibC.ENODEV) {
            BpfException.check(returned, "bpf_prog_detach", this + " of ifindex " + ifIndex);
        }
    }

    @Override
    public String toString() {
        return "tcx " + text;
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.linux.libbpf;

import com.sun.jna.Memory;
import io.tsncni.linux.libc.LibC;
import java.io.IOException;
import java.util.Optional;

/**
 * A program as a clsact egress filter, for kernels without tcx (before 6.6). Every call works on a device of the
 * calling thread's network namespace.
 *
 * <p>The filter sits under a handle of our own at the first priority that takes it, and is known by its program's name,
 * so it needs no memory of where it was put. A foreign filter under the same handle is stepped over.
 */
public final class ClsactFilter {
    /** "tsn" in ASCII. */
    private static final int HANDLE = 0x74736e;

    private static final int PRIORITIES = 8;

    private ClsactFilter() {}

    /** What sits under our handle at one priority. */
    private record Place(int priority, int programId) {}

    /** Attaches the program, in the place of one of the same name if there is one. */
    public static void attach(BpfProgram program, int ifIndex) throws IOException {
        attach(program, ifIndex, LibBpf.BPF_TC_EGRESS);
    }

    /** As {@link #attach(BpfProgram, int)}, but for what comes in. */
    public static void attachIngress(BpfProgram program, int ifIndex) throws IOException {
        attach(program, ifIndex, LibBpf.BPF_TC_INGRESS);
    }

    private static void attach(BpfProgram program, int ifIndex, int point) throws IOException {
        LibBpfLog.take();
        try (Memory hook = hook(ifIndex)) {
            hook.setInt(12, point);
            int created = LibBpf.bpf_tc_hook_create(hook);
            if (created != -LibC.EEXIST) {
                BpfException.check(created, "bpf_tc_hook_create", "clsact on ifindex " + ifIndex);
            }
            Optional<Place> own = place(hook, program.name());
            for (int priority = own.map(Place::priority).orElse(1); ; priority++) {
                int returned;
                try (Memory opts = opts(program.fd(), own.isPresent() ? LibBpf.BPF_TC_F_REPLACE : 0, priority)) {
                    returned = LibBpf.bpf_tc_attach(hook, opts);
                }
                // EEXIST: a foreign filter; EINVAL: this priority belongs to another kind of classifier.
                boolean taken = returned == -LibC.EEXIST || returned == -LibC.EINVAL;
                if (!taken || own.isPresent() || priority == PRIORITIES) {
                    BpfException.check(returned, "bpf_tc_attach", "ifindex " + ifIndex);
                    return;
                }
            }
        }
    }

    /** The kernel id of the program of that name on the device, if there is one. */
    public static Optional<Integer> find(int ifIndex, String programName) throws IOException {
        try (Memory hook = hook(ifIndex)) {
            return place(hook, programName).map(Place::programId);
        }
    }

    /** Takes our filter away; nothing there is fine. The clsact qdisc stays: it may serve others by now. */
    public static void detach(int ifIndex, String programName) throws IOException {
        try (Memory hook = hook(ifIndex)) {
            Optional<Place> own = place(hook, programName);
            if (own.isPresent()) {
                try (Memory opts = opts(0, 0, own.get().priority())) {
                    BpfException.check(
                            LibBpf.bpf_tc_detach(hook, opts), "bpf_tc_detach", "egress of ifindex " + ifIndex);
                }
            }
        }
    }

    private static Optional<Place> place(Memory hook, String programName) throws IOException {
        for (int priority = 1; priority <= PRIORITIES; priority++) {
            try (Memory opts = opts(0, 0, priority)) {
                if (LibBpf.bpf_tc_query(hook, opts) != 0) {
                    LibBpfLog.take(); // nothing there is no news
                    continue;
                }
                int programId = opts.getInt(16);
                try (BpfProgram program = BpfProgram.byId(programId)) {
                    if (program.name().equals(programName)) {
                        return Optional.of(new Place(priority, programId));
                    }
                }
            }
        }
        return Optional.empty();
    }

    /** struct bpf_tc_hook: sz, ifindex, attach_point, parent. */
    private static Memory hook(int ifIndex) {
        Memory hook = new Memory(24);
        hook.clear();
        hook.setLong(0, hook.size());
        hook.setInt(8, ifIndex);
        hook.setInt(12, LibBpf.BPF_TC_EGRESS);
        return hook;
    }

    /** struct bpf_tc_opts: sz, prog_fd, flags, prog_id, handle, priority. */
    private static Memory opts(int programFd, int flags, int priority) {
        Memory opts = new Memory(32);
        opts.clear();
        opts.setLong(0, opts.size());
        opts.setInt(8, programFd);
        opts.setInt(12, flags);
        opts.setInt(20, HANDLE);
        opts.setInt(24, priority);
        return opts;
    }
}

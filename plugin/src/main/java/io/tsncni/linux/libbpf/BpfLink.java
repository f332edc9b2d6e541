// SPDX-License-Identifier: Apache-2.0
package io.tsncni.linux.libbpf;

import com.sun.jna.Memory;
import io.tsncni.linux.libc.Fd;
import io.tsncni.linux.libc.LibC;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Optional;

/** A program attached to a device's egress by tcx. Closing it detaches, unless it is pinned. */
public final class BpfLink implements AutoCloseable {
    private static final int INFO_IFINDEX = 16; // offset of tcx.ifindex in struct bpf_link_info
    private static final int NO_DEVICE = Integer.MAX_VALUE;

    private final Fd fd;

    private BpfLink(Fd fd) {
        this.fd = fd;
    }

    /** In front of every other program, on a device of the calling thread's network namespace. */
    public static BpfLink tcxEgress(BpfProgram program, int ifIndex) throws IOException {
        int returned = create(program, ifIndex);
        return new BpfLink(new Fd(BpfException.check(returned, "bpf_link_create", "tcx egress of ifindex " + ifIndex)));
    }

    /** Asks the kernel, with a device that cannot be there: one without tcx rejects the attach type first. */
    public static boolean tcxSupported(BpfProgram program) {
        return create(program, NO_DEVICE) == -LibC.ENODEV;
    }

    private static int create(BpfProgram program, int ifIndex) {
        // struct bpf_link_create_opts of libbpf 1.1 knows no tcx, but passes flags through.
        try (Memory opts = new Memory(16)) {
            opts.clear();
            opts.setLong(0, opts.size());
            opts.setInt(8, LibBpf.BPF_F_BEFORE);
            return LibBpf.bpf_link_create(program.fd(), ifIndex, LibBpf.BPF_TCX_EGRESS, opts);
        }
    }

    /** Of a link that somebody else may take away at any time; empty if it is not there. */
    public static Optional<BpfLink> ifPinned(Path pin) throws IOException {
        int number = LibBpf.bpf_obj_get(pin.toString());
        if (number == -LibC.ENOENT) {
            return Optional.empty();
        }
        return Optional.of(new BpfLink(new Fd(BpfException.check(number, "bpf_obj_get", pin))));
    }

    public static BpfLink pinned(Path pin) throws IOException {
        return new BpfLink(new Fd(BpfException.check(LibBpf.bpf_obj_get(pin.toString()), "bpf_obj_get", pin)));
    }

    public BpfLink pin(Path pin) throws IOException {
        BpfException.check(LibBpf.bpf_obj_pin(fd.number(), pin.toString()), "bpf_obj_pin", pin);
        return this;
    }

    /** 0 once the device is gone. */
    public int ifIndex() throws IOException {
        byte[] info = new byte[64];
        BpfException.check(
                LibBpf.bpf_obj_get_info_by_fd(fd.number(), info, new int[] {info.length}),
                "bpf_obj_get_info_by_fd",
                "link");
        return ByteBuffer.wrap(info).order(ByteOrder.nativeOrder()).getInt(INFO_IFINDEX);
    }

    /** Puts another program in the place of the one that runs; every packet meets one of them. */
    public void update(BpfProgram program) throws IOException {
        BpfException.check(LibBpf.bpf_link_update(fd.number(), program.fd(), null), "bpf_link_update", "tcx");
    }

    /** At once: the kernel frees an unpinned link later, on a worker of its own. */
    public void detach() throws IOException {
        int returned = LibBpf.bpf_link_detach(fd.number());
        if (returned != -LibC.ENOLINK && returned != -LibC.ENODEV) {
            BpfException.check(returned, "bpf_link_detach", "tcx");
        }
    }

    @Override
    public void close() {
        fd.close();
    }
}

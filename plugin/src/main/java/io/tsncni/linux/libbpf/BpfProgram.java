// SPDX-License-Identifier: Apache-2.0
package io.tsncni.linux.libbpf;

import io.tsncni.linux.libc.Fd;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/** A loaded program. */
public final class BpfProgram implements AutoCloseable {
    private static final int INFO_ID = 4; // offsets in struct bpf_prog_info
    private static final int INFO_TAG = 8;
    private static final int INFO_NAME = 64;
    private static final int INFO_NAME_SIZE = 16;
    private static final int INFO_SIZE = 128;

    private final int number;
    private final Optional<Fd> owned;

    private BpfProgram(int number, Optional<Fd> owned) {
        this.number = number;
        this.owned = owned;
    }

    /** Of an object, which closes it. */
    static BpfProgram borrowed(int number) {
        return new BpfProgram(number, Optional.empty());
    }

    public static BpfProgram pinned(Path pin) throws IOException {
        return owned(BpfException.check(LibBpf.bpf_obj_get(pin.toString()), "bpf_obj_get", pin));
    }

    public static BpfProgram byId(int id) throws IOException {
        return owned(BpfException.check(LibBpf.bpf_prog_get_fd_by_id(id), "bpf_prog_get_fd_by_id", id));
    }

    private static BpfProgram owned(int number) {
        return new BpfProgram(number, Optional.of(new Fd(number)));
    }

    public BpfProgram pin(Path pin) throws IOException {
        BpfException.check(LibBpf.bpf_obj_pin(number, pin.toString()), "bpf_obj_pin", pin);
        return this;
    }

    int fd() {
        return number;
    }

    /** The kernel's number for it, the same for every pin and descriptor. */
    public int id() throws IOException {
        return info().getInt(INFO_ID);
    }

    /** The kernel's digest of its instructions; neither its maps nor what is in them count. */
    public long tag() throws IOException {
        return info().getLong(INFO_TAG);
    }

    public String name() throws IOException {
        byte[] name = new byte[INFO_NAME_SIZE];
        info().get(INFO_NAME, name);
        return new String(name, StandardCharsets.US_ASCII).replace("\0", "");
    }

    private ByteBuffer info() throws IOException {
        byte[] info = new byte[INFO_SIZE];
        BpfException.check(
                LibBpf.bpf_obj_get_info_by_fd(number, info, new int[] {info.length}),
                "bpf_obj_get_info_by_fd",
                "program");
        return ByteBuffer.wrap(info).order(ByteOrder.nativeOrder());
    }

    @Override
    public void close() {
        owned.ifPresent(Fd::close);
    }
}

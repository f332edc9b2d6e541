// SPDX-License-Identifier: Apache-2.0
package io.tsncni.linux.libbpf;

import io.tsncni.linux.libc.Fd;
import io.tsncni.linux.libc.LibC;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What somebody has pinned.
 *
 * @param name the kernel's, of at most 15 characters; a link has its program's
 */
public record PinnedObject(Kind kind, String name) {
    public enum Kind {
        PROGRAM,
        MAP,
        LINK
    }

    private static final int LINK_PROGRAM = 8; // offset in struct bpf_link_info
    private static final int MAP_NAME = 24; // in struct bpf_map_info
    private static final int PROGRAM_NAME = 64; // in struct bpf_prog_info
    private static final int NAME_SIZE = 16;
    private static final int INFO_SIZE = 128;

    /** Empty if there is nothing, or nothing that is pinned. */
    public static Optional<PinnedObject> at(Path pin) throws IOException {
        if (!Files.isRegularFile(pin)) {
            return Optional.empty();
        }
        int returned = LibBpf.bpf_obj_get(pin.toString());
        if (returned == -LibC.ENOENT || returned == -LibC.EINVAL) {
            // Gone meanwhile; a file of another kind.
            return Optional.empty();
        }
        try (Fd fd = new Fd(BpfException.check(returned, "bpf_obj_get", pin))) {
            return of(fd.number());
        }
    }

    private static Optional<PinnedObject> of(int fd) throws IOException {
        // The one place where the kernel says it of a descriptor of any kind.
        String kind = Files.readSymbolicLink(Path.of("/proc/self/fd", Integer.toString(fd)))
                .toString();
        ByteBuffer info = info(fd);
        if (kind.endsWith("bpf-prog")) {
            return Optional.of(new PinnedObject(Kind.PROGRAM, text(info, PROGRAM_NAME)));
        }
        if (kind.endsWith("bpf-map")) {
            return Optional.of(new PinnedObject(Kind.MAP, text(info, MAP_NAME)));
        }
        if (kind.endsWith("bpf_link") || kind.endsWith("bpf-link")) {
            try (BpfProgram program = BpfProgram.byId(info.getInt(LINK_PROGRAM))) {
                return Optional.of(new PinnedObject(Kind.LINK, program.name()));
            }
        }
        return Optional.empty();
    }

    private static ByteBuffer info(int fd) throws IOException {
        byte[] info = new byte[INFO_SIZE];
        BpfException.check(
                LibBpf.bpf_obj_get_info_by_fd(fd, info, new int[] {info.length}), "bpf_obj_get_info_by_fd", "a pin");
        return ByteBuffer.wrap(info).order(ByteOrder.nativeOrder());
    }

    private static String text(ByteBuffer info, int offset) {
        byte[] name = new byte[NAME_SIZE];
        info.get(offset, name);
        return new String(name, StandardCharsets.US_ASCII).replace("\0", "");
    }
}

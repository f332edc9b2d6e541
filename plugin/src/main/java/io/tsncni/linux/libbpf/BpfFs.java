// SPDX-License-Identifier: Apache-2.0
package io.tsncni.linux.libbpf;

import com.sun.jna.Native;
import io.tsncni.linux.libc.Fd;
import io.tsncni.linux.libc.LibC;
import io.tsncni.linux.libc.SystemCallException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Optional;

/** The file system of pins. */
public final class BpfFs {
    private static final long BPF_FS_MAGIC = 0xcafe4a11L;

    private BpfFs() {}

    /** Takes a directory for this process alone; the kernel lets go however the process ends. Empty if it is taken. */
    public static Optional<Fd> lock(Path directory) throws IOException {
        Fd fd = Fd.of(LibC.open(directory.toString(), LibC.O_RDONLY | LibC.O_CLOEXEC), "open", directory);
        if (LibC.flock(fd.number(), LibC.LOCK_EX | LibC.LOCK_NB) < 0) {
            fd.close();
            return Optional.empty();
        }
        return Optional.of(fd);
    }

    public static boolean contains(Path path) throws IOException {
        byte[] statfs = new byte[256]; // struct statfs starts with f_type, 64 bits
        if (LibC.statfs(path.toString(), statfs) < 0) {
            throw new SystemCallException("statfs", path, Native.getLastError());
        }
        return ByteBuffer.wrap(statfs).order(ByteOrder.nativeOrder()).getLong() == BPF_FS_MAGIC;
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.linux.libc;

import com.sun.jna.Native;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;

/** A listening unix stream socket, mode 0600 in a directory that only its owner may change. */
public final class UnixListener implements AutoCloseable {
    private static final int SUN_PATH_MAX = 107;
    private static final int BACKLOG = 128;

    private final Path path;
    private final Fd fd;

    private UnixListener(Path path, Fd fd) {
        this.path = path;
        this.fd = fd;
    }

    public static UnixListener bind(Path path) throws IOException {
        byte[] name = path.toString().getBytes(StandardCharsets.UTF_8);
        if (name.length > SUN_PATH_MAX) {
            throw new IOException("socket path " + path + " is " + name.length + " bytes, the kernel takes "
                    + SUN_PATH_MAX + ": choose a shorter --socket");
        }
        removeStale(path);

        Fd fd = Fd.of(LibC.socket(LibC.AF_UNIX, LibC.SOCK_STREAM | LibC.SOCK_CLOEXEC, 0), "socket", "AF_UNIX");
        byte[] address = ByteBuffer.allocate(2 + name.length + 1)
                .order(ByteOrder.nativeOrder())
                .putShort((short) LibC.AF_UNIX)
                .put(name)
                .array();
        try {
            check(LibC.bind(fd.number(), address, address.length), "bind", path);
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
            check(LibC.listen(fd.number(), BACKLOG), "listen", path);
        } catch (IOException e) {
            fd.close();
            throw e;
        }
        return new UnixListener(path, fd);
    }

    /** A socket that an agent left behind when it was killed; nothing else is ours to delete. */
    private static void removeStale(Path path) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        if (!Files.readAttributes(path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .isOther()) {
            throw new IOException("--socket " + path + " is there and is no socket");
        }
        boolean served;
        try (SocketChannel peer = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            served = peer.isConnected();
        } catch (IOException e) {
            served = false;
        }
        if (served) {
            throw new IOException("--socket " + path + ": another agent answers there; stop it first");
        }
        Files.delete(path);
    }

    /** Waits for a connection; fails once {@link #close} was called. */
    public UnixConnection accept() throws IOException {
        while (true) {
            int accepted = LibC.accept4(fd.number(), null, null, LibC.SOCK_CLOEXEC);
            if (accepted >= 0 || Native.getLastError() != LibC.EINTR) {
                return new UnixConnection(Fd.of(accepted, "accept4", path));
            }
        }
    }

    @Override
    public void close() throws IOException {
        // shutdown wakes the thread in accept4; close alone would leave it there.
        LibC.shutdown(fd.number(), LibC.SHUT_RDWR);
        fd.close();
        Files.deleteIfExists(path);
    }

    private static void check(int returned, String call, Path subject) throws SystemCallException {
        if (returned < 0) {
            throw new SystemCallException(call, subject, Native.getLastError());
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.linux.libc;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;

/** One accepted connection: whole reads and writes, each bounded in time, and one descriptor by SCM_RIGHTS. */
public final class UnixConnection implements AutoCloseable {
    private static final int CMSG_HEADER = 16; // cmsg_len, cmsg_level, cmsg_type; the data follows
    private static final int CONTROL_SPACE = 256; // room for strays, so that none is lost by truncation

    private final Fd fd;
    private Fd received;

    UnixConnection(Fd fd) {
        this.fd = fd;
    }

    /** Bounds every later read and write. */
    public void timeout(Duration timeout) throws IOException {
        readTimeout(timeout);
        set(LibC.SO_SNDTIMEO, timeout);
    }

    /** Bounds every later read. */
    public void readTimeout(Duration timeout) throws IOException {
        set(LibC.SO_RCVTIMEO, timeout);
    }

    private void set(int option, Duration timeout) throws IOException {
        long[] timeval = {timeout.toSeconds(), timeout.toMillisPart() * 1000L};
        if (LibC.setsockopt(fd.number(), LibC.SOL_SOCKET, option, timeval, 16) < 0) {
            throw new SystemCallException("setsockopt", "timeout", Native.getLastError());
        }
    }

    /** The user at the other end, as the kernel noted it at connect(2). */
    public int peerUid() throws IOException {
        int[] ucred = new int[3]; // pid, uid, gid
        if (LibC.getsockopt(fd.number(), LibC.SOL_SOCKET, LibC.SO_PEERCRED, ucred, new int[] {12}) < 0) {
            throw new SystemCallException("getsockopt", "SO_PEERCRED", Native.getLastError());
        }
        return ucred[1];
    }

    /** Reads exactly that many bytes, keeping a descriptor that comes along for {@link #takeDescriptor}. */
    public byte[] readFully(int length) throws IOException {
        byte[] bytes = new byte[length];
        if (length == 0) {
            return bytes;
        }
        try (Memory data = new Memory(length);
                Memory iovec = new Memory(16);
                Memory control = new Memory(CONTROL_SPACE)) {
            for (int done = 0; done < length; ) {
                iovec.setPointer(0, data.share(done));
                iovec.setLong(8, length - done);
                done += receive(iovec, control);
            }
            data.read(0, bytes, 0, length);
        }
        return bytes;
    }

    private int receive(Memory iovec, Memory control) throws IOException {
        MsgHdr message = new MsgHdr();
        message.msg_iov = iovec;
        message.msg_iovlen = 1;
        message.msg_control = control;
        message.msg_controllen = control.size();
        long received = LibC.recvmsg(fd.number(), message, LibC.MSG_CMSG_CLOEXEC);
        if (received < 0) {
            int errno = Native.getLastError();
            if (errno == LibC.EINTR) {
                return 0;
            }
            throw errno == LibC.EAGAIN
                    ? new InterruptedIOException("the peer sent nothing in time")
                    : new SystemCallException("recvmsg", "peer", errno);
        }
        keepDescriptors(message, control);
        if (received == 0) {
            throw new EOFException("the peer closed the connection");
        }
        return (int) received;
    }

    private void keepDescriptors(MsgHdr message, Memory control) {
        if (message.msg_controllen < CMSG_HEADER + 4
                || control.getInt(8) != LibC.SOL_SOCKET
                || control.getInt(12) != LibC.SCM_RIGHTS) {
            return;
        }
        long end = Math.min(control.getLong(0), message.msg_controllen);
        for (long at = CMSG_HEADER; at + 4 <= end; at += 4) {
            Fd descriptor = new Fd(control.getInt(at));
            if (received == null) {
                received = descriptor;
            } else {
                descriptor.close();
            }
        }
    }

    /** The first descriptor that came along; from here it is the caller's to close. */
    public Optional<Fd> takeDescriptor() {
        Optional<Fd> taken = Optional.ofNullable(received);
        received = null;
        return taken;
    }

    public void write(byte[] bytes) throws IOException {
        for (int done = 0; done < bytes.length; ) {
            byte[] rest = done == 0 ? bytes : Arrays.copyOfRange(bytes, done, bytes.length);
            long sent = LibC.send(fd.number(), rest, rest.length, LibC.MSG_NOSIGNAL);
            if (sent >= 0) {
                done += (int) sent;
            } else if (Native.getLastError() != LibC.EINTR) {
                throw new SystemCallException("send", "peer", Native.getLastError());
            }
        }
    }

    /** Wakes whoever reads from or writes to this connection. */
    public void shutdown() {
        LibC.shutdown(fd.number(), LibC.SHUT_RDWR);
    }

    @Override
    public void close() {
        takeDescriptor().ifPresent(Fd::close);
        fd.close();
    }
}

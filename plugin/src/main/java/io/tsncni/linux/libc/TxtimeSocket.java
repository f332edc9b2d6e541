// SPDX-License-Identifier: Apache-2.0
package io.tsncni.linux.libc;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A packet socket that asks for launch times by one clock (SO_TXTIME). */
public final class TxtimeSocket implements AutoCloseable {
    private static final int ETHERNET_HEADER = 14;
    private static final int FRAME = 60;
    private static final int SOCKADDR_LL = 20;
    private static final int CMSG_HEADER = 16;

    private final Fd fd;
    private final Clock clock;

    private TxtimeSocket(Fd fd, Clock clock) {
        this.fd = fd;
        this.clock = clock;
    }

    /** In the calling thread's network namespace. */
    public static TxtimeSocket open(Clock clock) throws SystemCallException {
        Fd fd = Fd.of(LibC.socket(LibC.AF_PACKET, LibC.SOCK_RAW | LibC.SOCK_CLOEXEC, 0), "socket", "AF_PACKET");
        // struct sock_txtime: clockid, flags.
        long[] txtime = {clock.id()};
        if (LibC.setsockopt(fd.number(), LibC.SOL_SOCKET, LibC.SO_TXTIME, txtime, 8) < 0) {
            int errno = Native.getLastError();
            fd.close();
            throw new SystemCallException("setsockopt", "SO_TXTIME " + clock, errno);
        }
        return new TxtimeSocket(fd, clock);
    }

    /** Sends a short broadcast frame, whose payload starts with the clock's number. */
    public void send(int ifIndex, int etherType, long txtime) throws SystemCallException {
        byte[] frame = ByteBuffer.allocate(FRAME)
                .putShort((short) -1)
                .putInt(-1)
                .putShort(ETHERNET_HEADER - 2, (short) etherType)
                .put(ETHERNET_HEADER, (byte) clock.id())
                .array();
        byte[] address = ByteBuffer.allocate(SOCKADDR_LL)
                .order(ByteOrder.nativeOrder())
                .putShort((short) LibC.AF_PACKET)
                .putInt(4, ifIndex)
                .array();
        try (Memory data = new Memory(FRAME);
                Memory name = new Memory(SOCKADDR_LL);
                Memory iovec = new Memory(16);
                Memory control = new Memory(CMSG_HEADER + Long.BYTES)) {
            data.write(0, frame, 0, FRAME);
            name.write(0, address, 0, SOCKADDR_LL);
            // Of sockaddr_ll the protocol is in network order.
            name.setByte(2, (byte) (etherType >> 8));
            name.setByte(3, (byte) etherType);
            iovec.setPointer(0, data);
            iovec.setLong(8, FRAME);
            control.setLong(0, control.size());
            control.setInt(8, LibC.SOL_SOCKET);
            control.setInt(12, LibC.SCM_TXTIME);
            control.setLong(CMSG_HEADER, txtime);
            MsgHdr message = new MsgHdr();
            message.msg_name = name;
            message.msg_namelen = SOCKADDR_LL;
            message.msg_iov = iovec;
            message.msg_iovlen = 1;
            message.msg_control = control;
            message.msg_controllen = control.size();
            if (LibC.sendmsg(fd.number(), message, 0) < 0) {
                throw new SystemCallException("sendmsg", "ifindex " + ifIndex, Native.getLastError());
            }
        }
    }

    @Override
    public void close() {
        fd.close();
    }
}

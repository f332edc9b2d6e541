// SPDX-License-Identifier: Apache-2.0
package io.tsncni.linux.netlink;

import com.sun.jna.Native;
import io.tsncni.linux.libc.Fd;
import io.tsncni.linux.libc.LibC;
import io.tsncni.linux.libc.SystemCallException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** NETLINK_ROUTE in the network namespace of the thread that opens it. */
public final class RouteSocket implements AutoCloseable {
    private static final int RTMGRP_LINK = 1;
    private static final int RTMGRP_TC = 8;
    private static final int BUFFER = 64 * 1024;
    private static final int DUMP_TRIES = 5;
    private static final Duration ANSWER = Duration.ofSeconds(10);

    private final Fd fd;

    private RouteSocket(Fd fd) {
        this.fd = fd;
    }

    private static RouteSocket open(int groups) throws IOException {
        Fd fd = Fd.of(LibC.socket(LibC.AF_NETLINK, LibC.SOCK_RAW | LibC.SOCK_CLOEXEC, 0), "socket", "NETLINK_ROUTE");
        byte[] address = ByteBuffer.allocate(12)
                .order(ByteOrder.nativeOrder())
                .putShort((short) LibC.AF_NETLINK)
                .putInt(8, groups)
                .array();
        if (LibC.bind(fd.number(), address, address.length) < 0) {
            int errno = Native.getLastError();
            fd.close();
            throw new SystemCallException("bind", "NETLINK_ROUTE", errno);
        }
        return new RouteSocket(fd);
    }

    /** Hears of every device and queueing discipline that appears, changes or goes; and every so often, whether or not there is news. */
    public static RouteSocket subscribed(Duration atTheLatest) throws IOException {
        RouteSocket socket = open(RTMGRP_LINK | RTMGRP_TC);
        socket.timeout(atTheLatest);
        return socket;
    }

    private void timeout(Duration timeout) throws IOException {
        long[] timeval = {timeout.toSeconds(), timeout.toMillisPart() * 1000L};
        if (LibC.setsockopt(fd.number(), LibC.SOL_SOCKET, LibC.SO_RCVTIMEO, timeval, 16) < 0) {
            throw new SystemCallException("setsockopt", "SO_RCVTIMEO", Native.getLastError());
        }
    }

    /** Every device of the calling thread's namespace. */
    public static List<Link> links() throws IOException {
        return dump(LinkCodec.linksRequest(), LinkCodec.RTM_NEWLINK, LinkCodec::parse);
    }

    /** The queueing disciplines of every device of the calling thread's namespace. */
    public static List<Qdisc> qdiscs() throws IOException {
        return dump(QdiscCodec.request(), QdiscCodec.RTM_NEWQDISC, QdiscCodec::parse);
    }

    static <T> List<T> dump(byte[] request, short type, Function<ByteBuffer, Optional<T>> parser) throws IOException {
        for (int tries = 1; ; tries++) {
            try (RouteSocket socket = open(0)) {
                socket.timeout(ANSWER);
                List<T> parsed = new ArrayList<>();
                if (socket.dump(request, type, parser, parsed) || tries == DUMP_TRIES) {
                    return parsed;
                }
            }
        }
    }

    /** Has the kernel do something, and waits until it has. */
    static void request(byte[] request, String call, Object subject) throws IOException {
        try (RouteSocket socket = open(0)) {
            socket.timeout(ANSWER);
            socket.send(request);
            ByteBuffer answer = socket.receive();
            if (answer.limit() < NetlinkMessage.HEADER + Integer.BYTES) {
                throw new IOException(call + "(" + subject + "): an answer of " + answer.limit() + " bytes");
            }
            int errno = -answer.getInt(NetlinkMessage.HEADER);
            if (errno != 0) {
                throw new SystemCallException(call, subject, errno);
            }
        }
    }

    public static Optional<Link> link(String name) throws IOException {
        return links().stream().filter(link -> link.name().equals(name)).findFirst();
    }

    /** Waits for the next event, or for the time given, and takes those behind it. An overrun (ENOBUFS) is one too: something changed. */
    public void awaitEvent() throws IOException {
        try {
            receive();
        } catch (SystemCallException e) {
            if (e.errno() != LibC.EAGAIN) {
                throw e;
            }
        }
        byte[] buffer = new byte[BUFFER];
        while (LibC.recv(fd.number(), buffer, buffer.length, LibC.MSG_DONTWAIT) > 0) {}
    }

    /** Whether the list is consistent: a dump that a change interrupted has to be taken again. */
    private <T> boolean dump(byte[] request, short type, Function<ByteBuffer, Optional<T>> parser, List<T> parsed)
            throws IOException {
        send(request);
        boolean consistent = true;
        while (true) {
            ByteBuffer datagram = receive();
            for (int at = 0; at + NetlinkMessage.HEADER <= datagram.limit(); ) {
                int length = datagram.getInt(at);
                if (length < NetlinkMessage.HEADER || at + length > datagram.limit()) {
                    throw new IOException("NETLINK_ROUTE: a message of " + length + " bytes");
                }
                consistent &= (datagram.getShort(at + 6) & NetlinkMessage.DUMP_INTR) == 0;
                short found = datagram.getShort(at + 4);
                if (found == NetlinkMessage.DONE) {
                    return consistent;
                }
                if (found == NetlinkMessage.ERROR) {
                    throw new SystemCallException(
                            "NETLINK_ROUTE", "dump", -datagram.getInt(at + NetlinkMessage.HEADER));
                }
                if (found == type) {
                    parser.apply(NetlinkMessage.slice(datagram, at, at + length))
                            .ifPresent(parsed::add);
                }
                at += NetlinkMessage.align(length);
            }
        }
    }

    private void send(byte[] request) throws IOException {
        if (LibC.send(fd.number(), request, request.length, 0) < 0) {
            throw new SystemCallException("send", "NETLINK_ROUTE", Native.getLastError());
        }
    }

    private ByteBuffer receive() throws IOException {
        byte[] buffer = new byte[BUFFER];
        while (true) {
            long received = LibC.recv(fd.number(), buffer, buffer.length, 0);
            if (received >= 0) {
                return ByteBuffer.wrap(buffer, 0, (int) received).order(ByteOrder.nativeOrder());
            }
            int errno = Native.getLastError();
            if (errno == LibC.ENOBUFS) {
                return ByteBuffer.allocate(0);
            }
            if (errno != LibC.EINTR) {
                throw new SystemCallException("recv", "NETLINK_ROUTE", errno);
            }
        }
    }

    @Override
    public void close() {
        fd.close();
    }
}

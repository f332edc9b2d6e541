// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import io.tsncni.linux.libbpf.BpfTestRun.Field;
import java.nio.ByteBuffer;
import java.util.Map;

/** One packet of each kind that a pod may send, with valid headers as far as the kernel's flow dissector looks. */
enum StampPacket {
    IPV4_UDP(ethernet(0x0800, ipv4(17, 0, udp(40000, 300)))),
    IPV4_TCP(ethernet(0x0800, ipv4(6, 0, tcp(40001, 300)))),
    /** Five segments; the four that are not in the packet yet owe their Ethernet, IP and TCP headers. */
    IPV4_TCP_GSO(ethernet(0x0800, ipv4(6, 0, tcp(40002, 500))), 5, 100, 4 * (14 + 20 + 20)),
    IPV4_FIRST_FRAGMENT(ethernet(0x0800, ipv4(17, 0x2000, udp(40003, 400)))),
    IPV4_LATER_FRAGMENT(ethernet(0x0800, ipv4(17, 0x2033, new byte[200]))),
    IPV6_UDP(ethernet(0x86dd, ipv6(17, udp(40004, 300)))),
    IPV6_TCP(ethernet(0x86dd, ipv6(6, tcp(40005, 300)))),
    IPV6_FRAGMENT(ethernet(0x86dd, ipv6(44, fragment(17, udp(40006, 400))))),
    ICMP(ethernet(0x0800, ipv4(1, 0, new byte[] {8, 0, 0, 0, 0, 1, 0, 1}))),
    ARP(ethernet(0x0806, ByteBuffer.allocate(28).putLong(0x0001080006040001L).array())),
    /** AVTP, which has no layer 3. */
    RAW_L2(ethernet(0x22f0, new byte[50])),
    /** VLAN 5, PCP 0, and IPv4 within. */
    TAGGED(ethernet(0x8100, join(ByteBuffer.allocate(4).putInt(0x00050800).array(), ipv4(17, 0, udp(40007, 300)))));

    private final byte[] bytes;
    private final int segments;
    private final int segmentSize;
    private final int owed;

    StampPacket(byte[] bytes) {
        this(bytes, 0, 0, 0);
    }

    StampPacket(byte[] bytes, int segments, int segmentSize, int owed) {
        this.bytes = bytes;
        this.segments = segments;
        this.segmentSize = segmentSize;
        this.owed = owed;
    }

    StampSkb skb() {
        StampSkb skb = StampSkb.of(bytes);
        return segments == 0
                ? skb
                : skb.with(Map.of(
                        Field.GSO_SEGS, (long) segments,
                        Field.GSO_SIZE, (long) segmentSize,
                        Field.WIRE_LEN, wireBytes()));
    }

    /** As the wire will see it. */
    long wirePackets() {
        return Math.max(1, segments);
    }

    long wireBytes() {
        return bytes.length + owed;
    }

    /** A packet of the flow that has this source port, between the same two hosts as {@link #IPV4_UDP}. */
    static byte[] udpFlow(int sourcePort, int payload) {
        return ethernet(0x0800, ipv4(17, 0, udp(sourcePort, payload)));
    }

    private static byte[] ethernet(int type, byte[] payload) {
        byte[] header = ByteBuffer.allocate(14)
                .putLong(0x0200000000020200L)
                .putInt(0x00000001)
                .putShort((short) type)
                .array();
        return join(header, payload);
    }

    private static byte[] ipv4(int protocol, int fragment, byte[] payload) {
        byte[] header = ByteBuffer.allocate(20)
                .putShort((short) 0x4500)
                .putShort((short) (20 + payload.length))
                .putShort((short) 0x1234)
                .putShort((short) fragment)
                .put((byte) 64)
                .put((byte) protocol)
                .putShort((short) 0)
                .putInt(0x0a010203)
                .putInt(0x0a040506)
                .array();
        return join(header, payload);
    }

    private static byte[] ipv6(int next, byte[] payload) {
        byte[] header = ByteBuffer.allocate(40)
                .putInt(0x60000000)
                .putShort((short) payload.length)
                .put((byte) next)
                .put((byte) 64)
                .putLong(0xfd00000000000001L)
                .putLong(2)
                .putLong(0xfd00000000000001L)
                .putLong(3)
                .array();
        return join(header, payload);
    }

    private static byte[] fragment(int next, byte[] payload) {
        byte[] header = ByteBuffer.allocate(8)
                .put((byte) next)
                .put((byte) 0)
                .putShort((short) 1) // offset 0, more to come
                .putInt(0x55667788)
                .array();
        return join(header, payload);
    }

    private static byte[] udp(int sourcePort, int payload) {
        return ByteBuffer.allocate(8 + payload)
                .putShort((short) sourcePort)
                .putShort((short) 20000)
                .putShort((short) (8 + payload))
                .array();
    }

    private static byte[] tcp(int sourcePort, int payload) {
        return ByteBuffer.allocate(20 + payload)
                .putShort((short) sourcePort)
                .putShort((short) 20000)
                .putLong(0x0102030405060708L) // numbers
                .putShort((short) 0x5010) // 20 bytes long, ACK
                .array();
    }

    private static byte[] join(byte[] header, byte[] payload) {
        return ByteBuffer.allocate(header.length + payload.length)
                .put(header)
                .put(payload)
                .array();
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.linux.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** What all netlink messages have in common; numbers are in the machine's byte order. */
final class NetlinkMessage {
    /** struct nlmsghdr: length, type, flags, sequence number, port. */
    static final int HEADER = 16;

    static final short ERROR = 2;
    static final short DONE = 3;
    static final short REQUEST = 1;
    static final short ACK = 4;
    static final short DUMP_INTR = 0x10;
    static final short DUMP = 0x300;
    static final short REPLACE = 0x100;
    static final short EXCL = 0x200;
    static final short CREATE = 0x400;
    static final int ATTRIBUTE_HEADER = 4;
    private static final int ATTRIBUTE_TYPE = 0x3fff; // without NLA_F_NESTED and NLA_F_NET_BYTEORDER

    private NetlinkMessage() {}

    /** A request, but for its payload, which is still zero. */
    static ByteBuffer request(short type, int flags, int payload) {
        return ByteBuffer.allocate(HEADER + payload)
                .order(ByteOrder.nativeOrder())
                .putInt(HEADER + payload)
                .putShort(type)
                .putShort((short) (REQUEST | flags));
    }

    /** By type, in the order of the message; up to the first that does not fit. */
    static Map<Integer, ByteBuffer> attributes(ByteBuffer buffer, int from) {
        Map<Integer, ByteBuffer> attributes = new LinkedHashMap<>();
        for (int at = from; at + ATTRIBUTE_HEADER <= buffer.limit(); ) {
            int length = Short.toUnsignedInt(buffer.getShort(at));
            if (length < ATTRIBUTE_HEADER || at + length > buffer.limit()) {
                break;
            }
            attributes.put(buffer.getShort(at + 2) & ATTRIBUTE_TYPE, slice(buffer, at + ATTRIBUTE_HEADER, at + length));
            at += align(length);
        }
        return attributes;
    }

    /** As {@link #attributes} reads them. */
    static byte[] encoded(Map<Integer, ByteBuffer> attributes) {
        int size = attributes.values().stream()
                .mapToInt(value -> align(ATTRIBUTE_HEADER + value.remaining()))
                .sum();
        ByteBuffer encoded = ByteBuffer.allocate(size).order(ByteOrder.nativeOrder());
        int at = 0;
        for (Map.Entry<Integer, ByteBuffer> attribute : attributes.entrySet()) {
            ByteBuffer value = attribute.getValue();
            int length = ATTRIBUTE_HEADER + value.remaining();
            encoded.putShort(at, (short) length)
                    .putShort(at + 2, attribute.getKey().shortValue())
                    .put(at + ATTRIBUTE_HEADER, value, value.position(), value.remaining());
            at += align(length);
        }
        return encoded.array();
    }

    static int align(int length) {
        return (length + 3) & ~3;
    }

    static ByteBuffer slice(ByteBuffer buffer, int from, int to) {
        return buffer.duplicate().order(ByteOrder.nativeOrder()).limit(to).position(from);
    }

    /** Without the zero byte at the end. */
    static String text(ByteBuffer value) {
        byte[] bytes = new byte[value.remaining()];
        value.get(value.position(), bytes);
        int length = bytes.length > 0 && bytes[bytes.length - 1] == 0 ? bytes.length - 1 : bytes.length;
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }

    static int number(ByteBuffer value) {
        return value == null || value.remaining() < 4 ? 0 : value.getInt(value.position());
    }
}

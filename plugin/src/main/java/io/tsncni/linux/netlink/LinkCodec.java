// SPDX-License-Identifier: Apache-2.0
package io.tsncni.linux.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;

/** rtnetlink's link messages as bytes; numbers are in the machine's byte order. */
final class LinkCodec {
    static final int NLMSG_HEADER = 16;
    static final short NLMSG_ERROR = 2;
    static final short NLMSG_DONE = 3;
    static final short RTM_NEWLINK = 16;
    static final short RTM_DELLINK = 17;
    static final short RTM_GETLINK = 18;
    static final short NLM_F_DUMP_INTR = 0x10;
    static final short RTM_NEWQDISC = 36;
    static final short RTM_GETQDISC = 38;
    private static final short NLM_F_REQUEST = 1;
    private static final short NLM_F_DUMP = 0x300;
    private static final int IFINFOMSG = 16;
    private static final int TCMSG = 20;
    private static final int TCA_KIND = 1;
    private static final int IFF_LOOPBACK = 8;
    private static final int ATTRIBUTE_TYPE = 0x3fff; // without NLA_F_NESTED and NLA_F_NET_BYTEORDER
    private static final int IFLA_ADDRESS = 1;
    private static final int IFLA_IFNAME = 3;
    private static final int IFLA_LINK = 5;
    private static final int IFLA_MASTER = 10;
    private static final int IFLA_LINKINFO = 18;
    private static final int IFLA_LINK_NETNSID = 37;
    private static final int IFLA_INFO_KIND = 1;

    private LinkCodec() {}

    static byte[] linksRequest() {
        return dump(RTM_GETLINK, IFINFOMSG).array();
    }

    static byte[] qdiscsRequest(int ifIndex) {
        return dump(RTM_GETQDISC, TCMSG).putInt(NLMSG_HEADER + 4, ifIndex).array();
    }

    private static ByteBuffer dump(short type, int payload) {
        return ByteBuffer.allocate(NLMSG_HEADER + payload)
                .order(ByteOrder.nativeOrder())
                .putInt(NLMSG_HEADER + payload)
                .putShort(type)
                .putShort((short) (NLM_F_REQUEST | NLM_F_DUMP));
    }

    /** @param message one RTM_NEWQDISC, header included; empty if it is of another device */
    static Optional<String> qdiscKind(ByteBuffer message, int ifIndex) {
        int start = message.position();
        if (message.remaining() < NLMSG_HEADER + TCMSG || message.getInt(start + NLMSG_HEADER + 4) != ifIndex) {
            return Optional.empty();
        }
        return Optional.ofNullable(attributes(slice(message, start + NLMSG_HEADER + TCMSG, message.limit()))
                        .get(TCA_KIND))
                .map(LinkCodec::string);
    }

    /** @param message one RTM_NEWLINK, header included */
    static Optional<Link> parse(ByteBuffer message) {
        if (message.remaining() < NLMSG_HEADER + IFINFOMSG) {
            return Optional.empty();
        }
        int start = message.position();
        int index = message.getInt(start + NLMSG_HEADER + 4);
        int flags = message.getInt(start + NLMSG_HEADER + 8);
        Map<Integer, ByteBuffer> attributes =
                attributes(slice(message, start + NLMSG_HEADER + IFINFOMSG, message.limit()));
        ByteBuffer name = attributes.get(IFLA_IFNAME);
        if (name == null) {
            return Optional.empty();
        }
        ByteBuffer info = attributes.get(IFLA_LINKINFO);
        ByteBuffer kind = info == null ? null : attributes(info).get(IFLA_INFO_KIND);
        return Optional.of(new Link(
                index,
                string(name),
                kind == null ? "" : string(kind),
                number(attributes.get(IFLA_LINK)),
                attributes.containsKey(IFLA_LINK_NETNSID),
                number(attributes.get(IFLA_MASTER)),
                (flags & IFF_LOOPBACK) != 0,
                address(attributes.get(IFLA_ADDRESS))));
    }

    private static Map<Integer, ByteBuffer> attributes(ByteBuffer from) {
        Map<Integer, ByteBuffer> attributes = new HashMap<>();
        for (int at = from.position(); at + 4 <= from.limit(); ) {
            int length = Short.toUnsignedInt(from.getShort(at));
            if (length < 4 || at + length > from.limit()) {
                break;
            }
            attributes.put(from.getShort(at + 2) & ATTRIBUTE_TYPE, slice(from, at + 4, at + length));
            at += align(length);
        }
        return attributes;
    }

    static int align(int length) {
        return (length + 3) & ~3;
    }

    static ByteBuffer slice(ByteBuffer buffer, int from, int to) {
        return buffer.duplicate().order(ByteOrder.nativeOrder()).limit(to).position(from);
    }

    private static int number(ByteBuffer value) {
        return value == null || value.remaining() < 4 ? 0 : value.getInt(value.position());
    }

    private static String address(ByteBuffer value) {
        if (value == null) {
            return "";
        }
        byte[] bytes = new byte[value.remaining()];
        value.get(value.position(), bytes);
        return HexFormat.ofDelimiter(":").formatHex(bytes);
    }

    private static String string(ByteBuffer value) {
        byte[] bytes = new byte[value.remaining()];
        value.get(value.position(), bytes);
        int length = bytes.length > 0 && bytes[bytes.length - 1] == 0 ? bytes.length - 1 : bytes.length;
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }
}

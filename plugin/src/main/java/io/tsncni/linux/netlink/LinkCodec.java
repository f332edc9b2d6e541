// SPDX-License-Identifier: Apache-2.0
package io.tsncni.linux.netlink;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;

/** rtnetlink's link messages as bytes. */
final class LinkCodec {
    static final short RTM_NEWLINK = 16;
    static final short RTM_DELLINK = 17;
    static final short RTM_GETLINK = 18;
    private static final int IFINFOMSG = 16;
    private static final int IFF_LOOPBACK = 8;
    private static final int IFLA_ADDRESS = 1;
    private static final int IFLA_IFNAME = 3;
    private static final int IFLA_LINK = 5;
    private static final int IFLA_MASTER = 10;
    private static final int IFLA_LINKINFO = 18;
    private static final int IFLA_LINK_NETNSID = 37;
    private static final int IFLA_INFO_KIND = 1;

    private LinkCodec() {}

    static byte[] linksRequest() {
        return NetlinkMessage.request(RTM_GETLINK, NetlinkMessage.DUMP, IFINFOMSG)
                .array();
    }

    /** @param message one RTM_NEWLINK, header included */
    static Optional<Link> parse(ByteBuffer message) {
        int payload = message.position() + NetlinkMessage.HEADER;
        if (message.limit() < payload + IFINFOMSG) {
            return Optional.empty();
        }
        int index = message.getInt(payload + 4);
        int flags = message.getInt(payload + 8);
        Map<Integer, ByteBuffer> attributes = NetlinkMessage.attributes(message, payload + IFINFOMSG);
        ByteBuffer name = attributes.get(IFLA_IFNAME);
        if (name == null) {
            return Optional.empty();
        }
        ByteBuffer info = attributes.get(IFLA_LINKINFO);
        ByteBuffer kind = info == null
                ? null
                : NetlinkMessage.attributes(info, info.position()).get(IFLA_INFO_KIND);
        return Optional.of(new Link(
                index,
                NetlinkMessage.text(name),
                kind == null ? "" : NetlinkMessage.text(kind),
                NetlinkMessage.number(attributes.get(IFLA_LINK)),
                attributes.containsKey(IFLA_LINK_NETNSID),
                NetlinkMessage.number(attributes.get(IFLA_MASTER)),
                (flags & IFF_LOOPBACK) != 0,
                address(attributes.get(IFLA_ADDRESS))));
    }

    private static String address(ByteBuffer value) {
        if (value == null) {
            return "";
        }
        byte[] bytes = new byte[value.remaining()];
        value.get(value.position(), bytes);
        return HexFormat.ofDelimiter(":").formatHex(bytes);
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.linux.netlink;

import io.tsncni.linux.netns.NetworkNamespace;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Pairs of veth devices. */
public final class Veth {
    private static final int IFINFOMSG = 16;
    private static final int IFF_UP = 1;
    private static final short IFLA_IFNAME = 3;
    private static final short IFLA_LINKINFO = 18;
    private static final short IFLA_NET_NS_FD = 28;
    private static final short IFLA_INFO_KIND = 1;
    private static final short IFLA_INFO_DATA = 2;
    private static final short VETH_INFO_PEER = 1;

    private Veth() {}

    /** One end in the calling thread's namespace, the other, of the same name, in that one. Both are down. */
    public static void create(String name, NetworkNamespace peer) throws IOException {
        byte[] ifName = attribute(IFLA_IFNAME, text(name));
        byte[] netns = attribute(
                IFLA_NET_NS_FD,
                ByteBuffer.allocate(4)
                        .order(ByteOrder.nativeOrder())
                        .putInt(peer.fd())
                        .array());
        byte[] otherEnd = attribute(VETH_INFO_PEER, join(new byte[IFINFOMSG], ifName, netns));
        byte[] info = attribute(
                IFLA_LINKINFO, join(attribute(IFLA_INFO_KIND, text("veth")), attribute(IFLA_INFO_DATA, otherEnd)));
        byte[] attributes = join(ifName, info);
        byte[] request = NetlinkMessage.request(
                        LinkCodec.RTM_NEWLINK,
                        NetlinkMessage.ACK | NetlinkMessage.CREATE | NetlinkMessage.EXCL,
                        IFINFOMSG + attributes.length)
                .put(NetlinkMessage.HEADER + IFINFOMSG, attributes)
                .array();
        RouteSocket.request(request, "RTM_NEWLINK", "veth " + name);
    }

    /** Of the calling thread's namespace. */
    public static void up(int ifIndex) throws IOException {
        byte[] request = NetlinkMessage.request(LinkCodec.RTM_NEWLINK, NetlinkMessage.ACK, IFINFOMSG)
                .putInt(NetlinkMessage.HEADER + 4, ifIndex)
                .putInt(NetlinkMessage.HEADER + 8, IFF_UP)
                .putInt(NetlinkMessage.HEADER + 12, IFF_UP)
                .array();
        RouteSocket.request(request, "RTM_NEWLINK", "ifindex " + ifIndex + " up");
    }

    private static byte[] text(String text) {
        return (text + "\0").getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] attribute(short type, byte[] value) {
        int length = NetlinkMessage.ATTRIBUTE_HEADER + value.length;
        return ByteBuffer.allocate(NetlinkMessage.align(length))
                .order(ByteOrder.nativeOrder())
                .putShort((short) length)
                .putShort(type)
                .put(value)
                .array();
    }

    private static byte[] join(byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        ByteBuffer joined = ByteBuffer.allocate(length);
        for (byte[] part : parts) {
            joined.put(part);
        }
        return joined.array();
    }
}

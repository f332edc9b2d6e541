// SPDX-License-Identifier: Apache-2.0
package io.tsncni.linux.netlink;

import io.tsncni.linux.netns.NetworkNamespace;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Pairs of veth devices. */
public final class Veth {
    private static final int IFINFOMSG = 16;
    private static final int IFF_UP = 1;
    private static final int IFLA_IFNAME = 3;
    private static final int IFLA_LINKINFO = 18;
    private static final int IFLA_NET_NS_FD = 28;
    private static final int IFLA_INFO_KIND = 1;
    private static final int IFLA_INFO_DATA = 2;
    private static final int VETH_INFO_PEER = 1;

    private Veth() {}

    /** One end in the calling thread's namespace, the other, of the same name, in that one. Both are down. */
    public static void create(String name, NetworkNamespace peer) throws IOException {
        ByteBuffer fd = ByteBuffer.allocate(4).order(ByteOrder.nativeOrder()).putInt(0, peer.fd());
        byte[] end = NetlinkMessage.encoded(Map.of(IFLA_IFNAME, text(name), IFLA_NET_NS_FD, fd));
        // Of the other end struct ifinfomsg, all zero, and then its attributes.
        ByteBuffer otherEnd = ByteBuffer.allocate(IFINFOMSG + end.length).put(IFINFOMSG, end);
        ByteBuffer data = ByteBuffer.wrap(NetlinkMessage.encoded(Map.of(VETH_INFO_PEER, otherEnd)));
        byte[] info = NetlinkMessage.encoded(Map.of(IFLA_INFO_KIND, text("veth"), IFLA_INFO_DATA, data));
        byte[] attributes =
                NetlinkMessage.encoded(Map.of(IFLA_IFNAME, text(name), IFLA_LINKINFO, ByteBuffer.wrap(info)));
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

    private static ByteBuffer text(String text) {
        return ByteBuffer.wrap((text + "\0").getBytes(StandardCharsets.UTF_8));
    }
}

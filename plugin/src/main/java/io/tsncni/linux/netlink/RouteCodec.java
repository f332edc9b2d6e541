// SPDX-License-Identifier: Apache-2.0
package io.tsncni.linux.netlink;

import io.tsncni.linux.netlink.Route.NextHop;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.StandardProtocolFamily;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Predicate;

/** rtnetlink's messages of default routes, in the main table, as bytes. */
final class RouteCodec {
    static final short RTM_NEWROUTE = 24;
    static final short RTM_DELROUTE = 25;
    private static final short RTM_GETROUTE = 26;
    private static final int RTMSG = 12;
    private static final int RTNEXTHOP = 8;
    private static final byte AF_INET = 2;
    private static final byte AF_INET6 = 10;
    private static final byte RT_TABLE_MAIN = (byte) 254;
    private static final byte RTPROT_BOOT = 3; // what ip route and the CNI plugins say
    private static final byte RTN_UNICAST = 1;
    private static final int RTNH_F_ONLINK = 4;
    private static final int RTA_OIF = 4;
    private static final int RTA_GATEWAY = 5;
    private static final int RTA_MULTIPATH = 9;
    private static final int RTA_VIA = 18;
    private static final int RTA_NH_ID = 30;

    private RouteCodec() {}

    static byte[] routesRequest() {
        return NetlinkMessage.request(RTM_GETROUTE, NetlinkMessage.DUMP, RTMSG).array();
    }

    /** @param message one RTM_NEWROUTE, header included; empty if it is no default route of the main table */
    static Optional<Route> parseDefault(ByteBuffer message) {
        int payload = message.position() + NetlinkMessage.HEADER;
        if (message.limit() < payload + RTMSG
                || message.getShort(payload + 1) != 0 // the lengths of the prefixes, of destination and source
                || message.get(payload + 4) != RT_TABLE_MAIN
                || message.get(payload + 7) != RTN_UNICAST) {
            return Optional.empty();
        }
        byte family = message.get(payload);
        if (family != AF_INET && family != AF_INET6) {
            return Optional.empty();
        }
        byte[] copy = new byte[message.remaining()];
        message.get(message.position(), copy);
        return Optional.of(new Route(
                family == AF_INET ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6,
                nextHops(NetlinkMessage.attributes(message, payload + RTMSG)),
                ByteBuffer.wrap(copy).order(ByteOrder.nativeOrder()).asReadOnlyBuffer()));
    }

    private static List<NextHop> nextHops(Map<Integer, ByteBuffer> attributes) {
        List<NextHop> hops = new ArrayList<>();
        if (attributes.containsKey(RTA_MULTIPATH)) {
            forEachHop(attributes.get(RTA_MULTIPATH), (hop, bytes) -> hops.add(hop));
        } else {
            hops.add(new NextHop(NetlinkMessage.number(attributes.get(RTA_OIF)), gateway(attributes)));
        }
        return List.copyOf(hops);
    }

    /** struct rtnexthop: length, flags, weight, interface; then attributes. */
    private static void forEachHop(ByteBuffer multipath, BiConsumer<NextHop, ByteBuffer> visitor) {
        for (int at = multipath.position(); at + RTNEXTHOP <= multipath.limit(); ) {
            int length = Short.toUnsignedInt(multipath.getShort(at));
            if (length < RTNEXTHOP || at + length > multipath.limit()) {
                break;
            }
            ByteBuffer bytes = NetlinkMessage.slice(multipath, at, at + length);
            Map<Integer, ByteBuffer> attributes = NetlinkMessage.attributes(bytes, at + RTNEXTHOP);
            visitor.accept(new NextHop(multipath.getInt(at + 4), gateway(attributes)), bytes);
            at += NetlinkMessage.align(length);
        }
    }

    private static Optional<InetAddress> gateway(Map<Integer, ByteBuffer> attributes) {
        ByteBuffer value = attributes.get(RTA_GATEWAY);
        if (value == null && attributes.containsKey(RTA_VIA)) {
            ByteBuffer via = attributes.get(RTA_VIA);
            // struct rtvia: the family, which the length tells as well.
            value = NetlinkMessage.slice(via, Math.min(via.position() + 2, via.limit()), via.limit());
        }
        if (value == null) {
            return Optional.empty();
        }
        byte[] address = new byte[value.remaining()];
        value.get(value.position(), address);
        try {
            return Optional.of(InetAddress.getByAddress(address));
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
    }

    static byte[] delete(Route route) {
        Map<Integer, ByteBuffer> attributes = attributes(route);
        if (attributes.containsKey(RTA_NH_ID)) {
            // The kernel tells what a nexthop object stands for, and then takes only one of the two.
            attributes.keySet().removeAll(Set.of(RTA_OIF, RTA_GATEWAY, RTA_VIA, RTA_MULTIPATH));
        }
        return message(RTM_DELROUTE, 0, rtmsg(route), attributes);
    }

    /** Takes the place of a multipath route: the same but for some of its next hops. */
    static byte[] keep(Route route, Predicate<NextHop> kept) {
        Map<Integer, ByteBuffer> attributes = attributes(route);
        attributes.remove(RTA_NH_ID);
        ByteBuffer hops =
                ByteBuffer.allocate(attributes.get(RTA_MULTIPATH).remaining()).order(ByteOrder.nativeOrder());
        forEachHop(attributes.get(RTA_MULTIPATH), (hop, bytes) -> {
            if (kept.test(hop)) {
                int at = hops.position();
                hops.put(bytes.duplicate());
                hops.put(at + 2, (byte) (hops.get(at + 2) & RTNH_F_ONLINK));
            }
        });
        attributes.put(RTA_MULTIPATH, hops.flip());
        return message(RTM_NEWROUTE, NetlinkMessage.REPLACE, rtmsg(route), attributes);
    }

    static byte[] add(int ifIndex, InetAddress gateway) {
        byte family = gateway instanceof Inet4Address ? AF_INET : AF_INET6;
        ByteBuffer rtmsg = ByteBuffer.allocate(RTMSG)
                .put(0, family)
                .put(4, RT_TABLE_MAIN)
                .put(5, RTPROT_BOOT)
                .put(7, RTN_UNICAST);
        ByteBuffer oif = ByteBuffer.allocate(4).order(ByteOrder.nativeOrder()).putInt(0, ifIndex);
        return message(
                RTM_NEWROUTE,
                NetlinkMessage.CREATE | NetlinkMessage.EXCL,
                rtmsg,
                new TreeMap<>(Map.of(RTA_OIF, oif, RTA_GATEWAY, ByteBuffer.wrap(gateway.getAddress()))));
    }

    private static Map<Integer, ByteBuffer> attributes(Route route) {
        return NetlinkMessage.attributes(
                route.message().duplicate().order(ByteOrder.nativeOrder()), NetlinkMessage.HEADER + RTMSG);
    }

    /** Without the flags that tell of a state: the kernel says them, and does not want to hear them. */
    private static ByteBuffer rtmsg(Route route) {
        ByteBuffer rtmsg = ByteBuffer.allocate(RTMSG).order(ByteOrder.nativeOrder());
        rtmsg.put(0, route.message(), NetlinkMessage.HEADER, RTMSG);
        return rtmsg.putInt(8, rtmsg.getInt(8) & RTNH_F_ONLINK);
    }

    private static byte[] message(short type, int flags, ByteBuffer rtmsg, Map<Integer, ByteBuffer> attributes) {
        byte[] encoded = NetlinkMessage.encoded(attributes);
        ByteBuffer message = NetlinkMessage.request(type, flags | NetlinkMessage.ACK, RTMSG + encoded.length);
        message.put(NetlinkMessage.HEADER, rtmsg, 0, RTMSG);
        message.put(NetlinkMessage.HEADER + RTMSG, encoded);
        return message.array();
    }
}

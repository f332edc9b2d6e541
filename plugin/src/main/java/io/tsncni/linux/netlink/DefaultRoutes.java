// SPDX-License-Identifier: Apache-2.0
package io.tsncni.linux.netlink;

import io.tsncni.linux.libc.LibC;
import io.tsncni.linux.libc.SystemCallException;
import io.tsncni.linux.netlink.Route.NextHop;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.StandardProtocolFamily;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** The default routes by an interface, in the main table of the calling thread's namespace. */
public final class DefaultRoutes {
    private DefaultRoutes() {}

    /**
     * Takes away the default routes of these families, but for those by the gateways, and adds those that are missing.
     * What goes by other interfaces stays, the other next hops of a multipath route included.
     */
    public static void replace(int ifIndex, Set<StandardProtocolFamily> families, List<InetAddress> gateways)
            throws IOException {
        for (Route route : by(ifIndex)) {
            if (families.contains(route.family())) {
                keep(route, hop -> hop.ifIndex() != ifIndex || gateways.stream().anyMatch(by -> isBy(by, route, hop)));
            }
        }
        List<Route> left = by(ifIndex);
        for (InetAddress gateway : Set.copyOf(gateways)) {
            NextHop wanted = new NextHop(ifIndex, Optional.of(gateway));
            if (left.stream()
                    .noneMatch(route -> route.family() == familyOf(gateway)
                            && route.nextHops().contains(wanted))) {
                add(wanted, gateway);
            }
        }
    }

    /** A gateway is that of its own family's routes: an IPv4 route by one of IPv6 is another thing. */
    private static boolean isBy(InetAddress gateway, Route route, NextHop hop) {
        return route.family() == familyOf(gateway) && hop.gateway().equals(Optional.of(gateway));
    }

    private static StandardProtocolFamily familyOf(InetAddress address) {
        return address instanceof Inet4Address ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6;
    }

    private static List<Route> by(int ifIndex) throws IOException {
        return RouteSocket.dump(RouteCodec.routesRequest(), RouteCodec.RTM_NEWROUTE, RouteCodec::parseDefault).stream()
                .filter(route -> route.isBy(ifIndex))
                .toList();
    }

    private static void keep(Route route, Predicate<NextHop> kept) throws IOException {
        long left = route.nextHops().stream().filter(kept).count();
        if (left == route.nextHops().size()) {
            return;
        }
        try {
            if (left == 0) {
                RouteSocket.request(RouteCodec.delete(route), "RTM_DELROUTE", route);
            } else {
                RouteSocket.request(RouteCodec.keep(route, kept), "RTM_NEWROUTE", route);
            }
        } catch (SystemCallException e) {
            if (e.errno() != LibC.ESRCH) {
                throw e;
            }
        }
    }

    private static void add(NextHop hop, InetAddress gateway) throws IOException {
        String route = "default " + hop;
        try {
            RouteSocket.request(RouteCodec.add(hop.ifIndex(), gateway), "RTM_NEWROUTE", route);
        } catch (SystemCallException e) {
            if (e.errno() == LibC.EEXIST) {
                // Not ours, or it would not be missing. Two would be ECMP at best; silence would leave the wrong one.
                throw new IOException(route + ": another default route is in its place already", e);
            }
            throw e;
        }
    }
}

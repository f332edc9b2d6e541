// SPDX-License-Identifier: Apache-2.0
package io.tsncni.linux.netlink;

import java.net.InetAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/**
 * A default route, from RTM_NEWROUTE.
 *
 * @param nextHops several if it is multipath
 * @param message all of it, because the kernel deletes a route by what it said of it
 */
record Route(StandardProtocolFamily family, List<NextHop> nextHops, ByteBuffer message) {
    /** @param gateway of IPv6 perhaps, in an IPv4 route (RTA_VIA); none if the link is all there is */
    record NextHop(int ifIndex, Optional<InetAddress> gateway) {
        @Override
        public String toString() {
            return gateway.map(address -> "via " + address.getHostAddress() + " ")
                            .orElse("")
                    + "dev " + ifIndex;
        }
    }

    boolean isBy(int ifIndex) {
        return nextHops.stream().anyMatch(hop -> hop.ifIndex() == ifIndex);
    }

    @Override
    public String toString() {
        return "default " + nextHops;
    }
}

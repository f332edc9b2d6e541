// SPDX-License-Identifier: Apache-2.0
package io.tsncni.datapath;

import io.tsncni.linux.netlink.Link;
import io.tsncni.linux.netlink.RouteSocket;
import java.io.IOException;
import java.util.List;
import java.util.Set;

/** The node's devices, as candidates for {@code egress}. */
public final class EgressNics {
    private static final Set<String> UPLINK_KINDS = Set.of("", "vlan", "bond", "team", "macsec", "hsr", "dsa", "dummy");

    private EgressNics() {}

    public static List<String> missing(List<String> nics) throws IOException {
        List<String> there = RouteSocket.links().stream().map(Link::name).toList();
        return nics.stream().filter(nic -> !there.contains(nic)).toList();
    }

    /** What an operator may have meant: hardware, VLANs and bonds; where there is none of these, every device. */
    public static List<String> candidates() throws IOException {
        List<Link> devices =
                RouteSocket.links().stream().filter(link -> !link.loopback()).toList();
        List<String> uplinks = names(devices.stream()
                .filter(link -> UPLINK_KINDS.contains(link.kind()))
                .toList());
        return uplinks.isEmpty() ? names(devices) : uplinks;
    }

    private static List<String> names(List<Link> links) {
        return links.stream().map(Link::name).sorted().toList();
    }
}

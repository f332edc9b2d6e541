// SPDX-License-Identifier: Apache-2.0
package io.tsncni.linux.netlink;

/**
 * A network device, from RTM_NEWLINK.
 *
 * @param kind IFLA_INFO_KIND ("veth", "vlan", ...); empty for hardware
 * @param peerIndex IFLA_LINK: a veth's or netkit's other end, a VLAN's or macvlan's lower device; 0 without
 * @param peerElsewhere IFLA_LINK_NETNSID is there: {@code peerIndex} counts in another namespace
 * @param masterIndex IFLA_MASTER: the bond or bridge that it is a port of; 0 without
 * @param mac IFLA_ADDRESS, hexadecimal with colons; empty without
 */
public record Link(
        int index,
        String name,
        String kind,
        int peerIndex,
        boolean peerElsewhere,
        int masterIndex,
        boolean loopback,
        String mac) {
    /** Whether what is sent through this device is sent through that one next: a VLAN's lower device, a bond's port. */
    public boolean isRightAbove(Link other) {
        boolean lower = !isPair() && !peerElsewhere && peerIndex == other.index();
        return lower || other.masterIndex() == index;
    }

    /** Whether packets cross a namespace border to leave through it, and so lose their priority. */
    public boolean isPair() {
        return kind.equals("veth") || kind.equals("netkit");
    }
}

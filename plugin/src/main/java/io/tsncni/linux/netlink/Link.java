// SPDX-License-Identifier: Apache-2.0
package io.tsncni.linux.netlink;

/**
 * A network device, from RTM_NEWLINK.
 *
 * @param kind IFLA_INFO_KIND ("veth", "vlan", ...); empty for hardware
 * @param peerIndex IFLA_LINK: a veth's or netkit's other end, a VLAN's or macvlan's lower device; 0 without
 * @param peerElsewhere IFLA_LINK_NETNSID is there: {@code peerIndex} counts in another namespace
 */
public record Link(int index, String name, String kind, int peerIndex, boolean peerElsewhere, boolean loopback) {
    /** Whether packets cross a namespace border to leave through it, and so lose their priority. */
    public boolean isPair() {
        return kind.equals("veth") || kind.equals("netkit");
    }
}

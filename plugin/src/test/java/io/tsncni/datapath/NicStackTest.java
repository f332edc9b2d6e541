// SPDX-License-Identifier: Apache-2.0
package io.tsncni.datapath;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tsncni.linux.netlink.Link;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NicStackTest {
    /** vlan5 on bond0 on eth0 and eth1; eth2 alone; a pod on br0; a veth whose other end has index 3 elsewhere. */
    private static final List<Link> LINKS = List.of(
            new Link(1, "lo", "", 0, false, 0, true, ""),
            new Link(2, "eth0", "", 0, false, 10, false, ""),
            new Link(3, "eth1", "", 0, false, 10, false, ""),
            new Link(4, "eth2", "", 0, false, 0, false, ""),
            new Link(10, "bond0", "bond", 0, false, 0, false, ""),
            new Link(11, "vlan5", "vlan", 10, false, 0, false, ""),
            new Link(12, "vlan6", "vlan", 4, false, 0, false, ""),
            new Link(13, "mac0", "macvlan", 2, true, 0, false, ""),
            new Link(20, "br0", "bridge", 0, false, 0, false, ""),
            new Link(21, "host1", "veth", 3, true, 20, false, ""),
            new Link(22, "left", "veth", 23, false, 0, false, ""),
            new Link(23, "right", "veth", 22, false, 0, false, ""));

    /** The egress NICs, and those of them above another. */
    @ParameterizedTest
    @CsvSource({
        "'', ''",
        "eth0, ''",
        "eth0 eth1 eth2, ''",
        "vlan5, ''",
        "vlan5 bond0, vlan5",
        "vlan5 eth0, vlan5",
        "vlan5 eth1, vlan5",
        "vlan5 bond0 eth1, vlan5 bond0",
        "bond0 eth0 eth1, bond0",
        "vlan5 eth2, ''",
        "vlan5 vlan6, ''",
        "vlan6 eth2 eth0, vlan6",
        "mac0 eth0, ''",
        "host1 eth1, ''",
        "br0 host1, br0",
        "left right, ''",
        "gone eth0, ''"
    })
    void aNicIsAboveAnotherWhenPacketsPassThroughBoth(String nics, String above) {
        assertEquals(names(above), new NicStack(LINKS).above(names(nics)));
    }

    private static Set<String> names(String text) {
        return text.isEmpty() ? Set.of() : Set.of(text.split(" "));
    }

    /** The kernel allows no ring; a list read while devices come and go may show one. */
    @Test
    void aRingHasAnEnd() {
        List<Link> ring = List.of(
                new Link(1, "top", "vlan", 2, false, 0, false, ""),
                new Link(2, "a", "vlan", 3, false, 0, false, ""),
                new Link(3, "b", "vlan", 2, false, 0, false, ""));
        assertEquals(Set.of(), new NicStack(ring).above(Set.of("top")));
    }
}

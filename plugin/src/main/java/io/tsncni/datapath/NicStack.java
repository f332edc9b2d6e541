// SPDX-License-Identifier: Apache-2.0
package io.tsncni.datapath;

import io.tsncni.linux.netlink.Link;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.stream.Collectors;

/** Devices on top of one another: a VLAN on a bond on its ports. */
final class NicStack {
    private final Collection<Link> links;

    NicStack(Collection<Link> links) {
        this.links = links;
    }

    /** Those of the NICs through which packets pass on to another of them. */
    Set<String> above(Set<String> nics) {
        return links.stream()
                .filter(link -> nics.contains(link.name()) && reaches(link, nics, new HashSet<>()))
                .map(Link::name)
                .collect(Collectors.toSet());
    }

    /** The device and all below it. */
    Set<Link> downFrom(Link link) {
        Set<Link> found = new LinkedHashSet<>();
        addDown(link, found);
        return found;
    }

    private void addDown(Link link, Set<Link> found) {
        if (found.add(link)) {
            links.stream().filter(link::isRightAbove).forEach(below -> addDown(below, found));
        }
    }

    private boolean reaches(Link link, Set<String> nics, Set<Integer> seen) {
        return seen.add(link.index())
                && links.stream()
                        .filter(link::isRightAbove)
                        .anyMatch(below -> nics.contains(below.name()) || reaches(below, nics, seen));
    }
}

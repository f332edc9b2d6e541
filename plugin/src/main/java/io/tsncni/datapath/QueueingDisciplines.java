// SPDX-License-Identifier: Apache-2.0
package io.tsncni.datapath;

import io.tsncni.linux.netlink.Link;
import io.tsncni.linux.netlink.Qdisc;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** What queues the packets of a NIC, and of the devices below it. */
record QueueingDisciplines(List<Qdisc> all) {
    /** Of all these, those of the devices. */
    static QueueingDisciplines of(Collection<Link> links, List<Qdisc> all) {
        Set<Integer> indexes = links.stream().map(Link::index).collect(Collectors.toSet());
        return new QueueingDisciplines(
                all.stream().filter(qdisc -> indexes.contains(qdisc.ifIndex())).toList());
    }

    boolean hasFq() {
        return all.stream().anyMatch(qdisc -> qdisc.kind().equals("fq"));
    }

    /** What an operator should know, because it costs packets or launch times. */
    List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        if (all.stream().anyMatch(qdisc -> qdisc.kind().equals("etf") && !qdisc.skipSockCheck())) {
            warnings.add("etf without skip_sock_check drops every packet of a pod behind a router or bridge;"
                    + " set it up with skip_sock_check");
        }
        if (all.stream().anyMatch(Qdisc::txtimeAssist)) {
            warnings.add("taprio with txtime-assist sets launch times itself; those of pods are lost");
        }
        return warnings;
    }

    @Override
    public String toString() {
        return all.isEmpty() ? "none" : all.stream().map(Qdisc::kind).distinct().collect(Collectors.joining(", "));
    }
}

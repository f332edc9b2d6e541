// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import io.tsncni.testbed.Shell;
import java.util.Arrays;
import java.util.Optional;

/** What a comment above a shell block may say that it needs. */
enum DocNeed {
    /** ClusterDocsIT runs those of first-nad.md; what the others do, the other tests of a cluster do with commands of theirs. */
    CLUSTER("a cluster", "(?s).*\\b(kubectl|helm|ctr) .*"),
    NODE("a node of a cluster", "(?s).*/(etc/cni/net[.]d|opt/cni/bin).*"),
    /** They build, or run all tests: what runs this test is one of them. */
    CHECKOUT("a checkout", "(?s).*\\./tsn .*"),
    TAPRIO(
            "taprio",
            "tc qdisc add dev %s parent root handle 100: taprio num_tc 2 map 0 1 queues 1@0 1@1 base-time 0"
                    + " sched-entry S 03 1000000 flags 0x0 clockid CLOCK_TAI"),
    MQPRIO("mqprio", "tc qdisc add dev %s root handle 1: mqprio num_tc 2 map 0 1 queues 1@0 1@1 hw 0"),
    ETF("etf", "tc qdisc add dev %s root etf clockid CLOCK_TAI delta 500000 skip_sock_check"),
    PRIO("prio", "tc qdisc add dev %s root prio"),
    VLAN("vlan", "ip link add link %1$s name %1$sv type vlan id 100"),
    BOND("bond", "ip link add %sb type bond");

    private final String text;
    private final String how;

    DocNeed(String text, String how) {
        this.text = text;
        this.how = how;
    }

    static Optional<DocNeed> of(String text) {
        return Arrays.stream(values()).filter(need -> need.text.equals(text)).findFirst();
    }

    boolean isOfTheKernel() {
        return ordinal() > CHECKOUT.ordinal();
    }

    /** Whether a block does what nothing else could be marked for; of the kernel, {@link #isHere} tells. */
    boolean fits(String block) {
        return isOfTheKernel() || block.matches(how);
    }

    /** Asked of the kernel: a block that it can do is run, whatever its mark. */
    boolean isHere() {
        if (!isOfTheKernel()) {
            return false;
        }
        String scratch = "doctrial";
        Shell.run("ip", "link", "add", scratch, "numtxqueues", "4", "type", "veth", "peer", "name", scratch + "p");
        try {
            return Shell.of(how.formatted(scratch).split(" ")).attempt().exit() == 0;
        } finally {
            Shell.run("ip", "link", "del", scratch);
            Shell.of("ip", "link", "del", scratch + "b").attempt();
        }
    }

    @Override
    public String toString() {
        return text;
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.testbed.CniRuntime;
import io.tsncni.testbed.Node;
import io.tsncni.testbed.Pod;
import io.tsncni.testbed.Seen;
import io.tsncni.testbed.Shell;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** How a pod's packets get to the node, each with the real plugin, and what is done to them there. */
@RequiresRoot
@Tag("kernel")
class WayIT {
    @Test
    void routedByPtpAndMasqueradedByIptables() {
        try (Node node = Nodes.started()) {
            ObjectNode conflist = ptp(node, Way.entry(node));
            ((ObjectNode) conflist.at("/plugins/0")).put("ipMasq", true);
            // Both would rewrite the address; only iptables is left to.
            Shell.run("nft", "flush", "table", "inet", node.nic().name());
            Pod pod = node.addPod("pod", node.runtime(conflist));
            Way.of(node, pod).keepsAll("ptp, iptables");
            assertTrue(hasMasqueraded("iptables-save"), "iptables has masqueraded nothing");
            Way.of(node, pod).to(node.nic().address6()).keepsAll("ptp, ip6tables");
            assertTrue(hasMasqueraded("ip6tables-save"), "ip6tables has masqueraded nothing");
            pod.del();
            Leftovers.assertNoneOfDelegates(node);
        }
    }

    private static boolean hasMasqueraded(String save) {
        // [packets:bytes] -A CHAIN ... -j MASQUERADE
        return Shell.run(save, "-c", "-t", "nat")
                .stdout()
                .lines()
                .anyMatch(rule -> rule.matches("\\[[1-9].* -j MASQUERADE.*"));
    }

    @Test
    void overTheIfbOfTheBandwidthPlugin() {
        try (Node node = Nodes.started()) {
            ObjectNode bandwidth = Nodes.JSON.createObjectNode().put("type", "bandwidth");
            for (String direction : List.of("ingress", "egress")) {
                bandwidth.put(direction + "Rate", 10_000_000_000L).put(direction + "Burst", 1_000_000_000L);
            }
            Pod pod = node.addPod("pod", bandwidth, Way.entry(node));
            Way.of(node, pod).keepsAll("bandwidth");
            Way.of(node, pod).to(node.nic().address6()).keepsAll("bandwidth, IPv6");
            JsonNode ifbs = Nodes.json(
                    Shell.run("ip", "-j", "-s", "link", "show", "type", "ifb").stdout());
            long passed = ifbs.path(0).at("/stats64/tx/packets").asLong();
            assertTrue(passed > 5 * Way.COUNT, "packets through the ifb: " + ifbs);
            pod.del();
            Leftovers.assertNoneOfDelegates(node);
        }
    }

    @Test
    void throughIpvlanOfEachMode() {
        try (Node node = Nodes.started()) {
            String lacking = Way.lacks("link", node.nic().name(), "name", "trial", "type", "ipvlan");
            assumeTrue(lacking.isEmpty(), () -> "this kernel has no ipvlan: " + lacking);
            Shell.run("ip", "link", "del", "trial");
            // Modes l3 and l3s go through the node's netfilter on their way out, and answers do not on their way in.
            Shell.run("nft", "flush", "table", "inet", node.nic().name());
            // In mode l3 nobody answers ARP for the pod.
            String mac = Nodes.json(
                            Shell.run("ip", "-j", "link", "show", node.nic().name())
                                    .stdout())
                    .at("/0/address")
                    .asText();
            String pods = node.nic().address().replaceAll("\\d+$", "77");
            node.nic().world().exec("ip", "neigh", "add", pods, "lladdr", mac, "nud", "permanent", "dev", "uplink");
            for (String mode : List.of("l2", "l3", "l3s")) {
                ObjectNode conflist = PathIT.macvlan(node);
                ArrayNode plugins = (ArrayNode) conflist.path("plugins");
                ((ObjectNode) plugins.get(0)).put("type", "ipvlan").put("mode", mode);
                plugins.set(1, Way.entry(node));
                Pod pod = node.addPod("pod", node.runtime(conflist));
                pod.netns().exec("ip", "route", "replace", "198.18.0.0/15", "dev", "eth0");
                Way.of(node, pod).keepsAll("ipvlan " + mode);
                pod.del();
                Leftovers.assertNone(node);
            }
        }
    }

    /** By hand: the reference plugins know no netkit, and iproute2 before 6.7 only how to make a plain one. */
    private static final String NETKIT =
            """
            host=nk$$
            pod="nsenter --net=$CNI_NETNS ip"
            ip link add name $host type netkit || exit
            peer=$(ip -o link show $host | sed 's/.*@\\([^:]*\\):.*/\\1/')
            ip link set $peer netns ${CNI_NETNS##*/} name eth0
            $pod addr add 10.93.0.2/32 dev eth0
            $pod addr add fd93::2/128 dev eth0 nodad
            $pod link set eth0 up
            $pod route add default dev eth0
            $pod -6 route add default dev eth0
            ip link set $host up
            ip route add 10.93.0.2 dev $host
            ip -6 route add fd93::2 dev $host
            echo '{"cniVersion": "1.0.0", "interfaces": [{"name": "eth0", "sandbox": "'$CNI_NETNS'"}]}'
            exit 0
            """;

    @Test
    void throughNetkitWithItsDefaultScrub() {
        try (Node node = Nodes.started();
                Witness plugin = new Witness()) {
            String lacking = Way.lacks("name", "trial", "type", "netkit");
            assumeTrue(lacking.isEmpty(), () -> "this kernel has no netkit, which came with 6.7: " + lacking);
            Shell.run("ip", "link", "del", "trial");
            plugin.on("ADD", NETKIT);
            ObjectNode conflist = node.conflist("1.0.0");
            ((ArrayNode) conflist.path("plugins"))
                    .removeAll()
                    .add(Witness.network("netkit"))
                    .add(Way.entry(node));
            List<Path> path = Stream.concat(node.cniPath().stream(), Stream.of(plugin.binDir()))
                    .toList();
            Pod pod = node.addPod(
                    "pod", new CniRuntime(conflist, path, node.agent().env()));
            Way.of(node, pod).keepsAll("netkit");
            Way.of(node, pod).to(node.nic().address6()).keepsAll("netkit, IPv6");
            pod.del();
            Leftovers.assertNone(node);
        }
    }

    @Test
    void whenAThirdOfTheSegmentsIsLostOnTheWay() {
        try (Node node = Nodes.started()) {
            Pod pod = node.addPod("pod", Way.entry(node));
            pod.warmUp(node.nic(), node.nic().address());
            String drop =
                    """
                    table inet lossy {
                        chain forward {
                            type filter hook forward priority 0
                            ip saddr %s meta length > 500 numgen inc mod 3 0 drop
                        }
                    }
                    """;
            Shell.of("nft", "-f", "-").reading(drop.formatted(pod.address())).run();
            long before = retransmitted(pod);
            Seen tcp = Way.of(node, pod).tcp(1_000_000);
            assertTrue(retransmitted(pod) > before, "nothing was sent twice");
            assertEquals(tcp.total(), tcp.at(Way.MAPPED), tcp.toString());
        } finally {
            Shell.of("nft", "delete", "table", "inet", "lossy").attempt();
        }
    }

    /** RetransSegs of /proc/net/snmp, whose first line of "Tcp:" has the names. */
    private static long retransmitted(Pod pod) {
        List<String[]> tcp = pod.netns()
                .exec("cat", "/proc/net/snmp")
                .stdout()
                .lines()
                .filter(line -> line.startsWith("Tcp:"))
                .map(line -> line.split(" "))
                .toList();
        return Long.parseLong(tcp.get(1)[List.of(tcp.get(0)).indexOf("RetransSegs")]);
    }

    /** A pod that is routed from its veth, as with ptp, Calico and Cilium. */
    static ObjectNode ptp(Node node, ObjectNode tsn) {
        ObjectNode conflist = node.conflist("1.0.0");
        ObjectNode entry = Nodes.JSON.createObjectNode().put("type", "ptp");
        ObjectNode ipam = entry.set("ipam", node.bridgeEntry().path("ipam"));
        ArrayNode routes = ((ObjectNode) ipam.path("ipam")).putArray("routes");
        routes.addObject().put("dst", "0.0.0.0/0");
        routes.addObject().put("dst", "::/0");
        ((ArrayNode) conflist.path("plugins")).removeAll().add(entry).add(tsn);
        return conflist;
    }
}

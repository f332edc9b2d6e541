// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.testbed.Node;
import io.tsncni.testbed.Pod;
import io.tsncni.testbed.Seen;
import io.tsncni.testbed.Shell;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Other ways from a pod to the NIC than bridge and routing. */
@RequiresRoot
class PathIT {
    @Tag("kernel")
    @ParameterizedTest
    @ValueSource(strings = {"tcx", "clsact"})
    void aMacvlanInterfaceCrossesNoBorderAndHasThePolicyAppliedDirectly(String carrier) {
        try (Node node = Nodes.started(carrier)) {
            Pod pod = node.addPod("pod", node.runtime(macvlan(node)));
            assertEquals(
                    "direct", node.agent().status().at("/attachments/0/mode").asText());
            pod.netns().exec("ip", "route", "replace", "198.18.0.0/15", "dev", "eth0");
            pod.warmUp(node.nic(), node.nic().address());
            for (int priority : new int[] {3, 4, 5}) {
                Nodes.udp(pod, node.nic().address(), Nodes.port(priority), priority, 100);
            }
            assertEquals(100, node.nic().seen(Nodes.port(3)).at(9));
            assertEquals(0, node.nic().seen(Nodes.port(4)).total());
            assertEquals(100, node.nic().seen(Nodes.port(5)).at(5));
            pod.del();
            Leftovers.assertNone(node);
        }
    }

    static ObjectNode macvlan(Node node) {
        ObjectNode conflist = node.conflist("1.0.0");
        ObjectNode entry = Nodes.JSON
                .createObjectNode()
                .put("type", "macvlan")
                .put("master", node.nic().name());
        entry.putObject("ipam")
                .put("type", "static")
                .putArray("addresses")
                .addObject()
                .put("address", node.nic().address().replaceAll("\\d+$", "77/24"));
        ObjectNode tsn =
                node.tsnEntry(Nodes.json("{\"3\": 9, \"4\": \"drop\"}")).put("unmapped", "keep");
        conflist.putArray("plugins").add(entry).add(tsn);
        return conflist;
    }

    @Test
    void anUnattachedMacvlanPodCannotBeToldFromTheNodeAndIsLeftAlone() {
        try (Node node = Nodes.started()) {
            node.addPod("attached", node.tsnEntry());
            ObjectNode conflist = macvlan(node);
            ((ArrayNode) conflist.path("plugins")).remove(1);
            Pod pod = node.addPod("pod", node.runtime(conflist));
            pod.netns().exec("ip", "route", "replace", "198.18.0.0/15", "dev", "eth0");
            pod.warmUp(node.nic(), node.nic().address());
            Nodes.udp(pod, node.nic().address(), Nodes.port(1), 6, 100);
            assertEquals(100, node.nic().seen(Nodes.port(1)).at(6));
        }
    }

    @Test
    void anInterfaceThatKeepsItsPriorityNeedsNoEgress() {
        try (Node node = Nodes.started()) {
            ObjectNode conflist = macvlan(node);
            ((ObjectNode) conflist.at("/plugins/1")).remove("egress");
            Pod pod = node.addPod("pod", node.runtime(conflist));
            pod.netns().exec("ip", "route", "replace", "198.18.0.0/15", "dev", "eth0");
            pod.warmUp(node.nic(), node.nic().address());
            Nodes.udp(pod, node.nic().address(), Nodes.port(1), 3, 100);
            assertEquals(100, node.nic().seen(Nodes.port(1)).at(9));
            assertTrue(node.agent().status().path("nics").isEmpty());
        }
    }

    @Tag("kernel")
    @ParameterizedTest
    @ValueSource(strings = {"tcx", "clsact"})
    void aNicThatWasRenamedKeepsNoRestorerUnderItsNewName(String carrier) {
        try (Node node = Nodes.started(carrier)) {
            Pod pod = node.addPod("pod", node.tsnEntry());
            String old = "old" + node.nic().name().substring(3);
            List<Integer> programs = Leftovers.programIds(node);
            Shell.run("ip", "link", "set", node.nic().name(), "down");
            Shell.run("ip", "link", "set", node.nic().name(), "name", old);
            Shell.run("ip", "link", "add", node.nic().name(), "type", "veth", "peer", "name", old + "p");
            Eventually.assertTrue(
                    Duration.ofSeconds(5),
                    () -> node.agent().status().at("/nics/0/restorer").asText().equals("attached"),
                    "no restorer on the new NIC of that name");
            pod.del();
            Leftovers.assertNone(node);
            Leftovers.assertFreed(programs);
            Shell.run("ip", "link", "del", old);
        }
    }

    @Tag("kernel")
    @ParameterizedTest
    @ValueSource(strings = {"tcx", "clsact"})
    void throughAVxlanTunnelThePodKeepsItsPriorityAndTheNeighbourGetsNone(String carrier) {
        try (Node node = Nodes.started(carrier)) {
            Pod pod = node.addPod("pod", node.tsnEntry());
            Pod neighbour = node.addPod("neighbour");
            String tunnel = "vx" + node.nic().name().substring(3);
            Shell.of("ip", "link", "add", tunnel, "address", "02:00:00:00:01:01", "type", "vxlan", "id", "7")
                    .and(
                            "dstport",
                            "4789",
                            "remote",
                            node.nic().address(),
                            "dev",
                            node.nic().name())
                    .run();
            // Else the node's own multicast reports pass through it, too.
            Shell.run("sysctl", "-qw", "net.ipv6.conf." + tunnel + ".disable_ipv6=1");
            Shell.run("ip", "addr", "add", "10.99.0.1/24", "dev", tunnel);
            Shell.run("ip", "link", "set", tunnel, "up");
            Shell.of("ip", "neigh", "add", "10.99.0.2", "lladdr", "02:00:00:00:01:02", "nud", "permanent", "dev")
                    .and(tunnel)
                    .run();
            for (Pod each : new Pod[] {pod, neighbour}) {
                each.warmUp(node.nic(), node.nic().address());
            }

            assertOnly(node, 5, () -> Nodes.udp(pod, "10.99.0.2", Nodes.port(1), 5, 100));
            // skb_scrub_packet has wiped where it came from, so it looks like the node's own
            assertOnly(
                    node,
                    0,
                    () -> neighbour.talk(
                            "udp",
                            "--to",
                            "10.99.0.2",
                            "--port",
                            Integer.toString(Nodes.port(2)),
                            "--tos",
                            "16",
                            "--count",
                            "100"));
            assertOnly(node, 7, () -> Shell.of(node.artifacts().talker(), "udp", "--to", "10.99.0.2", "--port")
                    .and(Integer.toString(Nodes.port(3)), "--priority", "7", "--count", "100")
                    .run());
        }
    }

    @Tag("kernel")
    @ParameterizedTest
    @ValueSource(strings = {"tcx", "clsact"})
    void ofTwoEgressNicsOnTopOfOneAnotherBothSeeThePriority(String carrier) {
        try (Node node = Nodes.started(carrier)) {
            // macvlan stands for the VLAN device that this kernel may lack
            String upper = "up" + node.nic().name().substring(3);
            Shell.run("ip", "link", "add", "link", node.nic().name(), "name", upper, "type", "macvlan");
            Shell.run("ip", "addr", "add", "10.98.0.1/24", "dev", upper);
            Shell.run("ip", "link", "set", upper, "up");
            Shell.of("ip", "neigh", "add", "10.98.0.2", "lladdr", "02:00:00:00:00:02", "nud", "permanent", "dev")
                    .and(upper)
                    .run();
            Pod above = node.addPod("above", node.tsnEntry().put("egress", upper));
            Pod below = node.addPod("below", node.tsnEntry());
            Nodes.udp(above, "10.98.0.2", Nodes.port(1), 6, 100);
            assertEquals(100, node.nic().seen(Nodes.port(1)).at(6));

            below.del();
            Nodes.udp(above, "10.98.0.2", Nodes.port(2), 6, 100);
            assertEquals(100, node.nic().seen(Nodes.port(2)).at(6));
        }
    }

    /** The tunnel's own packets, which go to no port that a test sends to. */
    private static void assertOnly(Node node, int priority, Runnable hundredPackets) {
        Seen before = node.nic().observer().otherPorts();
        hundredPackets.run();
        Seen seen = node.nic().observer().otherPorts().since(before);
        assertEquals(100, seen.at(priority), seen.toString());
        assertEquals(100, seen.total(), seen.toString());
    }
}

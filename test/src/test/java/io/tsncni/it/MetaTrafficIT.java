// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.testbed.Node;
import io.tsncni.testbed.Pod;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Priorities of pods with networks of a meta-plugin reach the NIC's qdisc mapped. */
@RequiresRoot
class MetaTrafficIT {
    private static void assertMapped(MetaNode meta, Pod pod, int offset, int expected) {
        Node node = meta.node();
        pod.warmUp(node.nic(), node.nic().address());
        Nodes.udp(pod, node.nic().address(), Nodes.port(offset), 3, 100);
        assertEquals(100, node.nic().seen(Nodes.port(offset)).at(expected));
    }

    private static ObjectNode threeTo(MetaNode meta, int priority) {
        return meta.node().tsnEntry(Nodes.json("{\"3\": %d}".formatted(priority)));
    }

    /** A network that traffic can leave by: its bridge has an address. */
    private static ObjectNode routed(MetaNode meta) {
        return meta.node().bridgeNetwork("second").put("isGateway", true);
    }

    private static String byDefault(ObjectNode bridge) {
        String gateway = bridge.at("/ipam/subnet").asText().replace(".0/24", ".1");
        return "[{\"name\": \"second\", \"default-route\": [\"" + gateway + "\"]}]";
    }

    private static void assertLeavesNothing(MetaNode meta, Pod pod) {
        pod.runtime().check(pod.attachment());
        pod.del();
        Leftovers.assertNoneOfDelegates(meta.node());
    }

    @Test
    void keysBesideTheDelegatesAreThePolicyOfTheMaster() {
        try (MetaNode meta = MetaNode.started()) {
            ObjectNode conf = meta.meta(meta.master());
            conf.setAll(threeTo(meta, 5));
            Pod pod = meta.addPod(meta.runtime(conf), "plc", "");
            assertMapped(meta, pod, 1, 5);
            assertLeavesNothing(meta, pod);
        }
    }

    @Test
    void anEntryInTheMastersListIsItsPolicy() {
        try (MetaNode meta = MetaNode.started()) {
            Pod pod = meta.addPod(meta.runtime(meta.meta(meta.master(threeTo(meta, 6)))), "plc", "");
            assertMapped(meta, pod, 1, 6);
            assertLeavesNothing(meta, pod);
        }
    }

    @Test
    void anEntryInAClusterNetworkOnDiskIsThePolicyToo() {
        try (MetaNode meta = MetaNode.started()) {
            String path = meta.confFile("10-front.conflist", meta.master(threeTo(meta, 6)))
                    .toString();
            Pod pod = meta.addPod(meta.runtime(meta.meta().put("clusterNetwork", path)), "plc", "");
            assertMapped(meta, pod, 1, 6);
            assertLeavesNothing(meta, pod);
        }
    }

    @Test
    void aDefinitionOfOursWithoutDelegateIsThePolicyOfThePodsFirstInterface() {
        try (MetaNode meta = MetaNode.started()) {
            meta.api().nad(MetaNode.NAMESPACE, "motion", threeTo(meta, 7).put("cniVersion", "1.0.0"));
            Pod pod = meta.addPod(meta.runtime(), "plc", "motion");
            assertMapped(meta, pod, 1, 7);
            assertEquals(List.of("eth0"), MetaNode.interfaces(pod.netns()));
            assertEquals(List.of("master eth0", "plant/motion eth0"), meta.statusOf("plc"));
            assertLeavesNothing(meta, pod);
        }
    }

    /** What every pod gets gives way to what a pod asks for. */
    @Test
    void aDefinitionOfOursGoesBeforeTheMastersEntry() {
        try (MetaNode meta = MetaNode.started()) {
            meta.api().nad(MetaNode.NAMESPACE, "motion", threeTo(meta, 7).put("cniVersion", "1.0.0"));
            Pod pod = meta.addPod(meta.runtime(meta.meta(meta.master(threeTo(meta, 2)))), "plc", "motion");
            assertMapped(meta, pod, 1, 7);
            assertLeavesNothing(meta, pod);
        }
    }

    @Test
    void aDefinitionOfOursWithADelegateHasItsPolicyOnThatInterface() {
        try (MetaNode meta = MetaNode.started()) {
            ObjectNode bridge = routed(meta);
            ObjectNode tsn = threeTo(meta, 8).put("cniVersion", "1.0.0");
            tsn.set("delegate", bridge);
            meta.api().nad(MetaNode.NAMESPACE, "second", tsn);
            Pod pod = meta.addPod(meta.runtime(meta.meta(meta.master(threeTo(meta, 2)))), "plc", byDefault(bridge));
            assertMapped(meta, pod, 1, 8);
            assertLeavesNothing(meta, pod);
        }
    }

    @Test
    void anEntryOfOursInADefinitionsListHasItsPolicyOnThatInterface() {
        try (MetaNode meta = MetaNode.started()) {
            ObjectNode bridge = routed(meta);
            ObjectNode list =
                    Nodes.JSON.createObjectNode().put("cniVersion", "1.0.0").put("name", "second");
            list.putArray("plugins").add(bridge).add(threeTo(meta, 9));
            meta.api().nad(MetaNode.NAMESPACE, "second", list);
            Pod pod = meta.addPod(meta.runtime(), "plc", byDefault(bridge));
            assertMapped(meta, pod, 1, 9);
            assertLeavesNothing(meta, pod);
        }
    }
}

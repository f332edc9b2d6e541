// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.testbed.Cluster;
import io.tsncni.testbed.ClusterNamespace;
import io.tsncni.testbed.ClusterPod;
import io.tsncni.testbed.Node;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Pods of a real Kubernetes whose networks are ours to make: annotations, NetworkAttachmentDefinitions, network-status. */
@RequiresRoot
@Tag("cluster")
@ExtendWith(OneCluster.class)
class ClusterMetaIT {
    private static final String NETWORKS = "k8s.v1.cni.cncf.io/networks";

    @Test
    void aPodWithoutAnnotationsHasTheDefaultNetworkAlone(Node node, ClusterNamespace namespace) {
        ClusterPod pod = run(namespace, Map.of());
        Mapped.assertSeen(node, pod, Mapped.WIPED);
        JsonNode status = pod.networkStatus();
        assertEquals(1, status.size(), status.toString());
        assertDefaultNetwork(pod, status.path(0));
    }

    @Test
    void aNadOfOurTypeIsAPolicyForEth0(Node node, ClusterNamespace namespace) {
        namespace.applyNad("control", node.tsnEntry(Mapped.MAP).put("cniVersion", "0.4.0"), Map.of());
        ClusterPod pod = run(namespace, Map.of(NETWORKS, "control"));
        Mapped.assertMapped(node, pod);
        assertDefaultNetwork(pod, pod.networkStatus().path(0));
        pod.delete();
        OneCluster.assertNothingLeft(node);
    }

    @Test
    void aNadWithADelegateIsAnInterfaceOfItsOwn(Node node, ClusterNamespace namespace) {
        ObjectNode conf = node.tsnEntry(Mapped.MAP).put("cniVersion", "0.4.0");
        conf.set("delegate", node.secondBridgeEntry());
        namespace.applyNad("cell", conf, Map.of());
        assertSecondInterface(node, run(namespace, Map.of(NETWORKS, "cell")), "cell", "net1");
    }

    @Test
    void aNadIsAConflistWithOurEntryBehindAnotherPlugin(Node node, ClusterNamespace namespace) {
        ObjectNode conflist = Nodes.JSON.createObjectNode().put("cniVersion", "0.4.0");
        conflist.putArray("plugins").add(node.secondBridgeEntry()).add(node.tsnEntry(Mapped.MAP));
        namespace.applyNad("cell", conflist, Map.of());
        String annotation = "[{\"name\": \"cell\", \"interface\": \"plant0\"}]";
        assertSecondInterface(node, run(namespace, Map.of(NETWORKS, annotation)), "cell", "plant0");
    }

    @Test
    void anAgentThatDiedKnowsWhatToDeleteWhenItIsBack(Node node, ClusterNamespace namespace) {
        namespace.applyNad("cell", node.secondBridgeEntry().put("cniVersion", "0.4.0"), Map.of());
        ClusterPod pod = run(namespace, Map.of(NETWORKS, "cell"));
        namespace.deleteNad("cell");
        node.agent().kill();
        node.agent().start();
        pod.delete();
        OneCluster.assertNothingLeft(node);
    }

    @Test
    void aPodWhoseNadIsMissingStartsWhenItIsThere(Node node, ClusterNamespace namespace) {
        ClusterPod pod = namespace.createPod("plc", Cluster.META, Map.of(NETWORKS, "late"));
        Eventually.assertTrue(
                Duration.ofSeconds(30),
                () -> namespace.warnings("plc").stream()
                        .anyMatch(warning -> warning.startsWith("NoNetworkFound: ") && warning.contains("late")),
                "no event NoNetworkFound");
        namespace.applyNad("late", node.secondBridgeEntry().put("cniVersion", "0.4.0"), Map.of());
        assertEquals("net1", pod.awaitReady().networkStatus().at("/1/interface").asText());
    }

    private static ClusterPod run(ClusterNamespace namespace, Map<String, String> annotations) {
        return namespace.createPod("plc", Cluster.META, annotations).awaitReady();
    }

    /** What goes to the NIC goes out by it, with the NAD's policy; network-status has it after eth0. */
    private static void assertSecondInterface(Node node, ClusterPod pod, String nad, String ifName) {
        Mapped.assertMapped(node, pod);
        JsonNode status = pod.networkStatus();
        assertEquals(2, status.size(), status.toString());
        assertDefaultNetwork(pod, status.path(0));
        JsonNode second = status.path(1);
        assertEquals(pod.namespace() + "/" + nad, second.path("name").asText());
        assertEquals(ifName, second.path("interface").asText());
        assertFalse(second.path("default").asBoolean(), second.toString());
        String address = second.path("ips").path(0).asText();
        assertEquals(1, second.path("ips").size(), second.toString());
        assertTrue(node.reservations().contains(address), address + " in " + node.reservations());
        pod.delete();
        OneCluster.assertNothingLeft(node);
    }

    private static void assertDefaultNetwork(ClusterPod pod, JsonNode status) {
        assertEquals("pods", status.path("name").asText(), status.toString());
        assertEquals("eth0", status.path("interface").asText(), status.toString());
        assertTrue(status.path("default").asBoolean(), status.toString());
        assertEquals(pod.object().at("/status/podIP"), status.path("ips").path(0), "the first address, in " + status);
        assertTrue(status.path("dns").isObject(), status.toString());
        assertTrue(status.path("mac").asText().matches("([0-9a-f]{2}:){5}[0-9a-f]{2}"), status.toString());
    }
}

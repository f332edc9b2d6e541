// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.testbed.ClusterNamespace;
import io.tsncni.testbed.ClusterPod;
import io.tsncni.testbed.ContainerImage;
import io.tsncni.testbed.Node;
import io.tsncni.testbed.Pod;
import io.tsncni.testbed.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Each file of nad-examples, as it is but for what a test cannot have: the NIC is this node's, the image is ours, and
 * namespaces are the test's own.
 */
@RequiresRoot
@Tag("cluster")
@ExtendWith(OneCluster.class)
class ClusterExamplesIT {
    private static final String META = "spec:\n  runtimeClassName: meta\n  containers:";

    private static String example(Node node, String file) throws IOException {
        return Files.readString(node.artifacts().example(file))
                .replace("tsn0", node.nic().name());
    }

    /** Applies it and waits for its pod, which gets its networks from the meta-plugin. */
    private static ClusterPod apply(ClusterNamespace namespace, String manifest, String pod) {
        namespace.apply(manifest.replace("docker.io/library/busybox:stable", ContainerImage.NAME)
                .replace("command: [\"sleep\", \"1000000\"]", "command: [\"/pause\"]")
                .replace("spec:\n  containers:", META));
        return namespace.pod(pod).awaitReady();
    }

    @Test
    void egressOnEth0(Node node, ClusterNamespace namespace) throws IOException {
        ClusterPod pod = apply(namespace, example(node, "egress-on-eth0.yaml"), "motion-controller");
        Mapped.assertSeen(node, pod, Map.of(0, 0, 3, 3, 4, 0, 6, 5));
    }

    @Test
    void macvlan(Node node, ClusterNamespace namespace) throws IOException {
        ClusterPod pod = apply(namespace, example(node, "macvlan.yaml"), "field-bus-gateway");
        assertEquals("fb0", pod.networkStatus().at("/1/interface").asText());
        assertTrue(pod.networkStatus().at("/1/ips/0").asText().startsWith("192.168.77."));
        JsonNode saver = null;
        for (JsonNode attachment : node.agent().status().path("attachments")) {
            if (attachment.path("ifName").asText().equals("fb0")) {
                saver = attachment;
            }
        }
        assertEquals("direct", saver.path("mode").asText());
        assertEquals("attached", saver.path("saver").asText());
        assertEquals(6, saver.at("/policy/priorityMap/6").asInt());
    }

    /** Only the NIC below is a real one here: not every kernel that tests run on has 802.1Q. */
    @Test
    void vlanEgressPcp(Node node, ClusterNamespace namespace) throws IOException {
        String tagged = node.nic().name() + ".100";
        Shell.run(
                "ip",
                "link",
                "add",
                tagged,
                "type",
                "veth",
                "peer",
                "name",
                "v" + node.nic().name());
        try {
            ClusterPod pod = apply(namespace, example(node, "vlan-egress-pcp.yaml"), "tagged-motion-controller");
            Mapped.assertSeen(node, pod, Map.of(0, 0, 3, 3, 4, 0, 6, 5));
            pod.delete();
        } finally {
            Shell.run("ip", "link", "del", tagged);
        }
    }

    @Test
    void namespaceDefault(Node node, ClusterNamespace namespace) throws IOException {
        String manifest = example(node, "namespace-default.yaml").replace("line-4", namespace.name());
        Mapped.assertSeen(node, apply(namespace, manifest, "plc"), Map.of(0, 0, 2, 0, 3, 3, 4, 4, 6, 6));
    }

    @Test
    void priorityClamp(Node node, ClusterNamespace namespace) throws IOException {
        String manifest = example(node, "priority-clamp.yaml").replace("guests", namespace.name());
        Mapped.assertSeen(node, apply(namespace, manifest, "guest"), Map.of(0, 0, 1, 1, 3, 1, 6, 1));
    }

    @Test
    void metaPlugin(Node node, ClusterNamespace namespace) throws IOException {
        ClusterPod pod = apply(namespace, example(node, "meta-plugin.yaml"), "vision");
        try {
            Mapped.assertSeen(node, pod, Map.of(0, 0, 3, 0, 6, 5));
            assertEquals("net2", pod.networkStatus().at("/2/interface").asText());
            pod.delete();
        } finally {
            Shell.run("ip", "link", "del", "camera0");
        }
    }

    @Test
    void theMetaPluginsConflist(Node node) throws IOException {
        ObjectNode conflist = (ObjectNode) Nodes.json(example(node, "meta-plugin.conflist"));
        ((ObjectNode) conflist.at("/plugins/0/delegates/0/plugins/0/ipam"))
                .put("dataDir", Files.createTempDirectory("ipam").toString());
        try {
            Pod pod = node.addPod("pod", node.runtime(conflist));
            pod.runtime().check(pod.attachment());
            assertTrue(pod.address().startsWith("10.88."), pod.address());
            pod.del();
        } finally {
            Shell.run("ip", "link", "del", "cni0");
        }
    }
}

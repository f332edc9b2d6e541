// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.tsncni.testbed.Artifacts;
import io.tsncni.testbed.CniFailure;
import io.tsncni.testbed.Node;
import io.tsncni.testbed.Pod;
import io.tsncni.testbed.Qdisc;
import io.tsncni.testbed.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The DaemonSet's capabilities are enough, and each of them is needed. */
@RequiresRoot
class CapabilitiesIT {
    static List<String> granted() throws IOException {
        String manifest = Files.readString(Artifacts.fromSystemProperties().manifest("tsn-cni.yaml"));
        JsonNode added = Chart.object(manifest, "DaemonSet")
                .at("/spec/template/spec/containers/0/securityContext/capabilities/add");
        List<String> names = StreamSupport.stream(added.spliterator(), false)
                .map(JsonNode::asText)
                .toList();
        assertFalse(names.isEmpty());
        return names;
    }

    private static Node node(String force, List<String> capabilities) {
        Node node = new Node(Artifacts.fromSystemProperties(), Qdisc.HTB);
        node.agent().with("TSN_FORCE", force);
        node.agent().limitTo(capabilities);
        return node;
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "clsact", "slots"})
    void theyAreEnoughForAllThatAnAgentDoes(String force) throws IOException {
        try (Node node = node(force, granted())) {
            node.agent().start();
            Pod pod = node.addPod("pod", node.tsnEntry());
            pod.warmUp(node.nic(), node.nic().address());
            Nodes.udp(pod, node.nic().address(), Nodes.port(1), 6, 50);
            assertEquals(50, node.nic().seen(Nodes.port(1)).at(6));
            pod.runtime().check(pod.attachment());
            node.agent().kill();
            node.agent().start();
            node.addPod("other", node.tsnEntry()).del();
            pod.del();
            Leftovers.assertNone(node);
            assertEquals(0, node.agent().stop().exit());
        }
    }

    @ParameterizedTest
    @MethodSource("granted")
    void withoutOneOfThemSomethingDoesNotWork(String missing) throws IOException {
        List<String> others = new ArrayList<>(granted());
        others.remove(missing);
        assertNotEquals(done(granted()), done(others));
    }

    /** What comes of a pod with clsact, and of asking the kernel which launch times it keeps; without them, slots are used. */
    private static List<String> done(List<String> capabilities) {
        try (Node node = node("clsact", capabilities)) {
            node.agent().start();
            String kept = node.agent().status().at("/kernel/keepsTxtime").toString();
            try {
                node.addPod("pod", node.tsnEntry());
                return List.of("attached", kept);
            } catch (CniFailure e) {
                return List.of(e.getMessage(), kept);
            }
        } catch (Shell.Failure e) {
            return List.of("no agent: " + e.getMessage());
        }
    }

    /** Or the tests above would show nothing. */
    @Test
    void theAgentHasNoMoreThanItIsGiven() throws IOException {
        try (Node node = node("", granted())) {
            node.agent().start();
            String status = Files.readString(Path.of("/proc/" + node.agent().pid() + "/status"));
            long effective = Long.parseLong(status.replaceAll("(?s).*CapEff:\\s*([0-9a-f]+).*", "$1"), 16);
            assertEquals(granted().size(), Long.bitCount(effective), status);
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.tsncni.testbed.ClusterNamespace;
import io.tsncni.testbed.ClusterPod;
import io.tsncni.testbed.Node;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The policy of a Kubernetes namespace, over the one of the chained entry. */
@RequiresRoot
@Tag("cluster")
@ExtendWith(OneCluster.class)
class ClusterNamespaceDefaultIT {
    private static final Map<String, String> DEFAULT = Map.of("tsncni.io/namespace-default", "true");
    private static final Duration SOON = Duration.ofSeconds(2);

    private static final JsonNode CLAMP = Nodes.json("{\"2\": 1, \"*\": 0}");
    private static final Map<Integer, Integer> CLAMPED = Map.of(0, 0, 2, 1, 5, 0);
    private static final JsonNode OTHER = Nodes.json("{\"2\": 4, \"5\": 7}");
    private static final Map<Integer, Integer> OTHERWISE = Map.of(0, 0, 2, 4, 5, 7);

    @Test
    void aDefaultNadIsThePolicyOfNewPods(Node node, ClusterNamespace namespace) {
        applyNad(node, namespace, "team", CLAMP);
        Mapped.assertSeen(node, namespace.runPod("plc", Map.of()), CLAMPED);
    }

    @Test
    void aNadWithoutTheAnnotationIsNobodysPolicy(Node node, ClusterNamespace namespace) {
        namespace.applyNad("team", node.tsnEntry(CLAMP), Map.of());
        namespace.applyNad("other", node.tsnEntry(CLAMP), Map.of("tsncni.io/namespace-default", "false"));
        Mapped.assertMapped(node, namespace.runPod("plc", Map.of()));
    }

    @Test
    void aChangeOfTheNadReachesARunningPod(Node node, ClusterNamespace namespace) {
        ClusterPod pod = namespace.runPod("plc", Map.of());
        Mapped.assertMapped(node, pod);
        applyNad(node, namespace, "team", CLAMP);
        Mapped.assertSeenWithin(SOON, node, pod, CLAMPED);
        applyNad(node, namespace, "team", OTHER);
        Mapped.assertSeenWithin(SOON, node, pod, OTHERWISE);
        namespace.deleteNad("team");
        Mapped.assertSeenWithin(SOON, node, pod, Mapped.EXPECTED);
    }

    @Test
    void aPodOptsOut(Node node, ClusterNamespace namespace) {
        applyNad(node, namespace, "team", CLAMP);
        ClusterPod pod = namespace.runPod("plain", Map.of("tsncni.io/policy", "none"));
        Mapped.assertSeen(node, pod, Mapped.WIPED);
        assertEquals(0, node.agent().status().path("attachments").size(), "attachments");
    }

    @Test
    void twoDefaultNadsAreAWarningThatNamesBoth(Node node, ClusterNamespace namespace) {
        applyNad(node, namespace, "one", CLAMP);
        applyNad(node, namespace, "two", OTHER);
        namespace.createPod("plc", "", Map.of());
        Set<String> both = Set.of(namespace.name() + "/one", namespace.name() + "/two");
        Eventually.assertTrue(
                Duration.ofSeconds(30),
                () -> namespace.warnings("plc").stream()
                        .anyMatch(warning -> both.stream().allMatch(warning::contains)),
                "no warning names " + both);
    }

    private static void applyNad(Node node, ClusterNamespace namespace, String name, JsonNode priorityMap) {
        namespace.applyNad(name, node.tsnEntry(priorityMap), DEFAULT);
    }
}

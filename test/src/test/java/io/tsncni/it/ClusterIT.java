// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.testbed.Cluster;
import io.tsncni.testbed.ClusterNamespace;
import io.tsncni.testbed.ClusterPod;
import io.tsncni.testbed.Node;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Pods of a real Kubernetes on the chained network, and what the agent may do there. */
@RequiresRoot
@Tag("cluster")
@ExtendWith(OneCluster.class)
class ClusterIT {
    @Test
    void aPodsPrioritiesAreMappedAndDeletingItLeavesNothing(Node node, ClusterNamespace namespace) {
        ClusterPod pod = namespace.runPod("plc", Map.of());
        Mapped.assertMapped(node, pod);
        pod.delete();
        OneCluster.assertNothingLeft(node);
    }

    @Test
    void aPodOutlivesTheAgentAndIsDeletedByTheNextOne(Node node, ClusterNamespace namespace) {
        ClusterPod pod = namespace.runPod("plc", Map.of());
        node.agent().kill();
        try {
            Mapped.assertMapped(node, pod);
        } finally {
            node.agent().start();
        }
        Mapped.assertMapped(node, pod);
        pod.delete();
        OneCluster.assertNothingLeft(node);
    }

    @Test
    void aPodDeletedWithoutAnAgentIsForgottenByTheNextOne(Node node, ClusterNamespace namespace) {
        ClusterPod pod = namespace.runPod("plc", Map.of());
        node.agent().kill();
        try {
            pod.delete();
            assertEquals(1, Leftovers.of(node).spooled().size());
        } finally {
            node.agent().start();
        }
        OneCluster.assertNothingLeft(node);
    }

    @Test
    void theAgentsTokenAllowsExactlyWhatItNeeds(Cluster cluster, ClusterNamespace namespace) {
        ObjectNode review = Nodes.JSON.createObjectNode();
        review.put("apiVersion", "authorization.k8s.io/v1").put("kind", "SelfSubjectRulesReview");
        review.putObject("spec").put("namespace", namespace.name());
        JsonNode answer = cluster.agent().post("/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", review);
        Set<String> allowed = new TreeSet<>();
        for (JsonNode rule : answer.at("/status/resourceRules")) {
            for (JsonNode resource : rule.path("resources")) {
                String group = rule.path("apiGroups").path(0).asText();
                rule.path("verbs")
                        .forEach(verb -> allowed.add("%s %s/%s".formatted(verb.asText(), group, resource.asText())));
            }
        }
        Set<String> needed = Set.of(
                "get /pods",
                "list /pods",
                "watch /pods",
                "get k8s.cni.cncf.io/network-attachment-definitions",
                "list k8s.cni.cncf.io/network-attachment-definitions",
                "watch k8s.cni.cncf.io/network-attachment-definitions",
                "patch /pods/status",
                "create /events",
                // what everybody with a token may ask about himself
                "create authorization.k8s.io/selfsubjectaccessreviews",
                "create authorization.k8s.io/selfsubjectrulesreviews");
        assertEquals(new TreeSet<>(needed), allowed);
    }

    @Test
    void theAgentIsRefusedWhatItDoesNotNeed(Cluster cluster) {
        for (String[] question : new String[][] {
            {"get", "secrets"}, {"update", "pods"}, {"delete", "pods"}, {"list", "nodes"}, {"create", "pods/exec"}
        }) {
            assertEquals(
                    "no",
                    cluster.agent()
                            .command("auth", "can-i", question[0], question[1], "--all-namespaces")
                            .attempt()
                            .stdout()
                            .strip(),
                    String.join(" ", question));
        }
    }
}

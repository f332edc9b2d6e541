// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tsncni.testbed.Background;
import io.tsncni.testbed.Node;
import io.tsncni.testbed.Pod;
import io.tsncni.testbed.Shell;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** What an operator sees. */
@RequiresRoot
class TsnCtlIT {
    @Test
    void statusShowsNicsAndAttachmentsAsATableAndAsJson() {
        try (Node node = Nodes.started()) {
            Pod pod = node.addPod("pod", node.tsnEntry(Nodes.json("{\"3\": 5}")));
            pod.warmUp(node.nic(), node.nic().address());
            Nodes.udp(pod, node.nic().address(), Nodes.port(1), 3, 70);

            String table = node.agent().tsnctl("status").run().stdout();
            JsonNode json = node.agent().status();
            String carrier = json.path("carrier").asText();
            assertEquals(json.at("/kernel/tcx").asBoolean() ? "tcx" : "clsact", carrier);
            assertTrue(table.startsWith("carrier " + carrier + ", kernel "), table);
            assertTrue(line(table, node.nic().name()).contains("attached"), table);
            assertTrue(line(table, node.nic().name()).contains("5:70"), table);
            String attachment = line(table, pod.netns().path().toString());
            for (String shown : new String[] {"eth0", "pods", node.nic().name(), "attached", "3→5", "5:70"}) {
                assertTrue(attachment.contains(shown), table + " should show " + shown);
            }

            assertEquals(
                    pod.attachment().containerId(),
                    json.at("/attachments/0/containerId").asText());
            assertEquals(
                    pod.attachment().netns(), json.at("/attachments/0/netns").asText());
            assertEquals(5, json.at("/attachments/0/policy/priorityMap/3").asInt());
            assertEquals(node.nic().name(), json.at("/attachments/0/egress/0").asText());
            assertEquals(70, json.at("/nics/0/counters/restored/5/packets").asLong());
        }
    }

    private static String line(String table, String with) {
        return Arrays.stream(table.split("\n"))
                .filter(line -> line.contains(with))
                .reduce((first, second) -> second)
                .orElseThrow();
    }

    @Test
    void countersFollowOneAttachment() {
        try (Node node = Nodes.started()) {
            Pod pod = node.addPod("pod", node.tsnEntry());
            node.addPod("other", node.tsnEntry());
            pod.warmUp(node.nic(), node.nic().address());
            String id = pod.attachment().containerId();
            try (Background watch =
                    node.agent().tsnctl("counters", id, "--watch").start()) {
                Eventually.assertTrue(
                        Duration.ofSeconds(10), () -> watch.stdout().contains("PRIORITY"), "no first reading");
                Nodes.udp(pod, node.nic().address(), Nodes.port(1), 9, 33);
                Eventually.assertTrue(
                        Duration.ofSeconds(10),
                        () -> watch.stdout().lines().anyMatch(line -> line.matches("9 +33 +0 +33 .*")),
                        "no reading with 33 packets of priority 9");
            }
            Shell.Result ambiguous = node.agent().tsnctl("counters", "nobody").attempt();
            assertEquals(1, ambiguous.exit());
            assertTrue(ambiguous.stderr().contains("no attachment is 'nobody'; there are: "), ambiguous.stderr());
        }
    }

    @Test
    void withoutAnAgentItSaysWhereItLooked() {
        try (Node node = Nodes.started()) {
            node.agent().kill();
            Shell.Result result = node.agent().tsnctl("status").attempt();
            assertEquals(1, result.exit());
            assertTrue(result.stderr().contains("no agent at " + node.agent().socket()), result.stderr());
        }
    }
}

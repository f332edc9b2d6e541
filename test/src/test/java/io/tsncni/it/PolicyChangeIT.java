// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.testbed.Background;
import io.tsncni.testbed.CniRuntime;
import io.tsncni.testbed.Node;
import io.tsncni.testbed.Pod;
import io.tsncni.testbed.Seen;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A policy that changes while packets flow as fast as the pod can send. */
@RequiresRoot
class PolicyChangeIT {
    private static final int CHANGES = 40;

    /** By a bridge the proof in tc_index counts; routed, the pod's device, which knows what the policy gives. */
    @ParameterizedTest
    @CsvSource({"bridge, ''", "ptp, ''", "ptp, clsact", "ptp, slots"})
    void noPacketIsLostAndNoneHasAPriorityThatNeitherMapGives(String plugin, String way) throws Exception {
        try (Node node = Nodes.started(way)) {
            ObjectNode conflist = node.conflist("1.0.0", entry(node, 9));
            ((ObjectNode) conflist.at("/plugins/0")).put("type", plugin);
            if (plugin.equals("ptp")) {
                // The bridge plugin makes a default route by itself.
                ObjectNode ipam = (ObjectNode) conflist.at("/plugins/0/ipam");
                ipam.putArray("routes").addObject().put("dst", "0.0.0.0/0");
            }
            CniRuntime runtime = node.runtime(conflist);
            Pod pod = node.addPod("pod", runtime);
            pod.warmUp(node.nic(), node.nic().address());
            Background talker = Nodes.endlessUdp(pod, node.nic().address(), Nodes.port(1));
            for (int change = 0; change < CHANGES; change++) {
                runtime.call("ADD", entry(node, change % 2 == 0 ? 5 : 9), pod.attachment(), pod.result());
                Thread.sleep(50);
            }
            Seen seen = Nodes.allThatWasSent(talker, node, Nodes.port(1));
            assertEquals(seen.total(), seen.at(5) + seen.at(9), seen.toString());
            assertTrue(seen.at(5) > 0 && seen.at(9) > 0, seen.toString());
            assertEquals(
                    0, node.agent().status().at("/nics/0/counters/rejected").asLong());
            pod.del();
            Leftovers.assertNone(node);
        }
    }

    private static ObjectNode entry(Node node, int priority) {
        return node.tsnEntry(Nodes.json("{\"3\": " + priority + "}"));
    }
}

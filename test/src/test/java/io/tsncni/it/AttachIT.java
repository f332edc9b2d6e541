// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.linux.netlink.Qdisc;
import io.tsncni.linux.netlink.RouteSocket;
import io.tsncni.testbed.Attachment;
import io.tsncni.testbed.CniFailure;
import io.tsncni.testbed.CniRuntime;
import io.tsncni.testbed.Node;
import io.tsncni.testbed.Pod;
import io.tsncni.testbed.Shell;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** ADD, CHECK and DEL of real pods, by both carriers, in every version of the spec. */
@RequiresRoot
class AttachIT {
    @Tag("kernel")
    @Tag("kernel-ci")
    @ParameterizedTest
    @ValueSource(strings = {"tcx", "clsact"})
    void aPriorityReachesTheQdiscMappedAndDelLeavesNothing(String carrier) {
        try (Node node = Nodes.started(carrier)) {
            Pod pod = node.addPod("pod", node.tsnEntry(Nodes.json("{\"3\": 5, \"6\": 6, \"7\": \"drop\"}")));
            pod.warmUp(node.nic(), node.nic().address());
            assertEquals(carrier, node.agent().status().path("carrier").asText());

            for (int priority : new int[] {0, 3, 6, 7}) {
                Nodes.udp(pod, node.nic().address(), Nodes.port(priority), priority, 500);
            }
            assertEquals(500, node.nic().seen(Nodes.port(0)).at(0));
            assertEquals(500, node.nic().seen(Nodes.port(3)).at(5));
            assertEquals(500, node.nic().seen(Nodes.port(6)).at(6));
            assertEquals(0, node.nic().seen(Nodes.port(7)).total());

            List<Integer> programs = Leftovers.programIds(node);
            assertEquals(2, programs.size(), "a saver and a restorer");
            pod.del();
            Leftovers.assertNone(node);
            Leftovers.assertFreed(programs);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.3.1", "0.4.0", "1.0.0", "1.1.0"})
    void theResultIsThePreviousPluginsInTheVersionAskedFor(String version) {
        try (Node node = Nodes.started()) {
            // Debian's bridge speaks up to 1.0.0, whose result is the one of 1.1.0.
            String bridges = version.equals("1.1.0") ? "1.0.0" : version;
            CniRuntime chained = node.runtime(node.conflist(version, node.tsnEntry()));
            Pod pod = node.addPod("pod", node.runtime(node.conflist(bridges)));
            ObjectNode before = pod.result().put("cniVersion", version);
            String after = chained.call("ADD", node.tsnEntry(), pod.attachment(), before);
            assertEquals(before, Nodes.json(after));
            assertEquals(version, Nodes.json(after).path("cniVersion").asText());
            chained.call("DEL", node.tsnEntry(), pod.attachment(), before);
            Leftovers.assertNone(node);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcx", "clsact"})
    void aSecondAddChangesThePolicyAndKeepsTheSaver(String carrier) {
        try (Node node = Nodes.started(carrier)) {
            Pod pod = node.addPod("pod", node.tsnEntry());
            pod.warmUp(node.nic(), node.nic().address());
            List<Integer> programs = Leftovers.programIds(node);

            pod.runtime().call("ADD", node.tsnEntry(Nodes.json("{\"3\": 9}")), pod.attachment(), pod.result());
            Nodes.udp(pod, node.nic().address(), Nodes.port(1), 3, 100);
            assertEquals(100, node.nic().seen(Nodes.port(1)).at(9));
            assertEquals(programs, Leftovers.programIds(node));
            pod.del();
            Leftovers.assertNone(node);
        }
    }

    @Tag("kernel")
    @ParameterizedTest
    @ValueSource(strings = {"tcx", "clsact"})
    void checkFindsASaverThatSomebodyTookAway(String carrier) {
        try (Node node = Nodes.started(carrier)) {
            Pod pod = node.addPod("pod", node.tsnEntry());
            pod.runtime().check(pod.attachment());

            if (carrier.equals("tcx")) {
                Shell.run(
                        "rm",
                        node.agent()
                                .bpffs()
                                .resolve("tsn/savers/" + pod.attachment().containerId() + ":eth0/link")
                                .toString());
            } else {
                pod.netns().exec("tc", "qdisc", "del", "dev", "eth0", "clsact");
            }
            Eventually.assertTrue(
                    Duration.ofSeconds(5), () -> checkFails(pod, "no saver on eth0"), "CHECK still finds a saver");
        }
    }

    private static boolean checkFails(Pod pod, String message) {
        try {
            pod.runtime().check(pod.attachment());
            return false;
        } catch (CniFailure e) {
            assertEquals(102, e.code());
            assertTrue(e.msg().contains(message), e.msg());
            return true;
        }
    }

    @Test
    void delSucceedsWithoutNamespaceRecordOrNic() throws Exception {
        try (Node node = Nodes.started()) {
            Pod pod = node.addPod("pod", node.tsnEntry());
            CniRuntime runtime = pod.runtime();
            node.nic().delete();
            pod.netns().close();
            runtime.call("DEL", node.tsnEntry(), pod.attachment(), null);
            runtime.call("DEL", node.tsnEntry(), pod.attachment(), null);
            Leftovers.assertNone(node);

            node.nic().create();
            Pod second = node.addPod("second", node.tsnEntry());
            node.agent().kill();
            Shell.run(
                    "rm", "-rf", node.agent().stateDir().resolve("attachments").toString());
            node.agent().start();
            second.del();
            Leftovers.assertNone(node);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcx", "clsact"})
    void aSecondAttachmentOnTheSameInterfaceIsRefused(String carrier) {
        try (Node node = Nodes.started(carrier)) {
            Pod pod = node.addPod("pod", node.tsnEntry());
            Attachment other = new Attachment("other", pod.netns());
            CniFailure failure = assertThrows(
                    CniFailure.class, () -> pod.runtime().call("ADD", node.tsnEntry(), other, pod.result()));
            assertEquals(7, failure.code());
            assertTrue(failure.msg().contains(pod.attachment().containerId() + ":eth0"), failure.msg());
            pod.runtime().check(pod.attachment());
        }
    }

    @Tag("kernel")
    @Test
    void theQdiscsOfTheNicAreRead() throws Exception {
        try (Node node = Nodes.started("clsact")) {
            int nic = RouteSocket.link(node.nic().name()).orElseThrow().index();
            assertTrue(kinds(nic).contains("htb"), kinds(nic).toString());
            assertFalse(kinds(nic).contains("clsact"));
            node.addPod("pod", node.tsnEntry());
            assertTrue(kinds(nic).contains("clsact"), kinds(nic).toString());
        }
    }

    private static List<String> kinds(int ifIndex) throws IOException {
        return RouteSocket.qdiscs().stream()
                .filter(qdisc -> qdisc.ifIndex() == ifIndex)
                .map(Qdisc::kind)
                .toList();
    }

    @Test
    void aMissingNicFailsAddWithItsNameAndCandidatesAndLeavesNothing() {
        try (Node node = Nodes.started()) {
            Pod pod = node.addPod("pod", node.runtime(node.conflist("1.0.0")));
            ObjectNode elsewhere = node.tsnEntry().put("egress", "tsn7");
            CniFailure failure = assertThrows(
                    CniFailure.class, () -> pod.runtime().call("ADD", elsewhere, pod.attachment(), pod.result()));
            assertEquals(11, failure.code());
            assertTrue(failure.msg().contains("no NIC named tsn7"), failure.msg());
            assertTrue(failure.msg().contains(node.nic().name()), failure.msg());
            Leftovers.assertNone(node);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcx", "clsact"})
    void aNicThatGoesAndComesBackHasItsRestorerAgain(String carrier) {
        try (Node node = Nodes.started(carrier)) {
            Pod pod = node.addPod("pod", node.tsnEntry());
            node.nic().delete();
            Eventually.assertTrue(
                    Duration.ofSeconds(5), () -> !restorer(node).equals("attached"), "status still says attached");
            node.nic().create();
            Eventually.assertTrue(
                    Duration.ofSeconds(5), () -> restorer(node).equals("attached"), "no restorer on the new NIC");
            pod.warmUp(node.nic(), node.nic().address());
            Nodes.udp(pod, node.nic().address(), Nodes.port(1), 6, 200);
            assertEquals(200, node.nic().seen(Nodes.port(1)).at(6));
        }
    }

    private static String restorer(Node node) {
        return node.agent().status().path("nics").path(0).path("restorer").asText();
    }

    @Test
    void gcTakesOnlyWhatTheRuntimeForgotOfThisNetwork() {
        try (Node node = Nodes.started()) {
            CniRuntime runtime = node.runtime(node.conflist("1.0.0", node.tsnEntry()));
            Pod kept = node.addPod("kept", runtime);
            Pod forgotten = node.addPod("forgotten", runtime);
            ObjectNode otherList = node.conflist("1.0.0", node.tsnEntry()).put("name", "other");
            Pod elsewhere = node.addPod("elsewhere", node.runtime(otherList));

            JsonNode valid = Nodes.JSON
                    .createArrayNode()
                    .add(Nodes.JSON
                            .createObjectNode()
                            .put("containerID", kept.attachment().containerId())
                            .put("ifname", "eth0"));
            ObjectNode stdin = node.tsnEntry().put("name", "pods").put("cniVersion", "1.1.0");
            stdin.set("cni.dev/valid-attachments", valid);
            runtime.call("GC", node.tsnEntry(), Map.of(), stdin);

            List<String> left = node.agent().status().path("attachments").findValuesAsText("containerId");
            assertEquals(
                    List.of(
                            elsewhere.attachment().containerId(),
                            kept.attachment().containerId()),
                    left.stream().sorted().toList());
            assertFalse(left.contains(forgotten.attachment().containerId()));
        }
    }

    @Test
    void statusSaysWhetherTheNicIsThere() {
        try (Node node = Nodes.started()) {
            CniRuntime runtime = node.runtime(node.conflist("1.1.0", node.tsnEntry()));
            ObjectNode stdin = node.tsnEntry().put("name", "pods").put("cniVersion", "1.1.0");
            assertEquals("", runtime.call("STATUS", node.tsnEntry(), Map.of(), stdin));
            node.nic().delete();
            CniFailure failure =
                    assertThrows(CniFailure.class, () -> runtime.call("STATUS", node.tsnEntry(), Map.of(), stdin));
            assertEquals(50, failure.code());
            assertTrue(failure.msg().contains(node.nic().name()), failure.msg());
        }
    }
}

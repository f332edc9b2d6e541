// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.testbed.Attachment;
import io.tsncni.testbed.CniFailure;
import io.tsncni.testbed.CniRuntime;
import io.tsncni.testbed.Node;
import io.tsncni.testbed.Pod;
import io.tsncni.testbed.PodNetns;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The policy that a namespace gives to its pods. */
@RequiresRoot
class NamespaceDefaultIT {
    private static final Map<String, String> DEFAULT = Map.of("tsncni.io/namespace-default", "true");

    /** As the specification has it for running pods. */
    private static final Duration SOON = Duration.ofSeconds(2);

    /** An agent or an API server has to be found first. */
    private static final Duration AFTER_A_START = Duration.ofSeconds(15);

    private final AtomicInteger ports = new AtomicInteger();

    private static ObjectNode bare() {
        return Nodes.JSON.createObjectNode().put("type", "tsn");
    }

    private static ObjectNode threeTo(MetaNode meta, int priority) {
        return meta.node().tsnEntry(Nodes.json("{\"3\": %d}".formatted(priority)));
    }

    private static void nad(MetaNode meta, String name, ObjectNode conf) {
        meta.api().nad(MetaNode.NAMESPACE, name, conf.toString(), DEFAULT);
    }

    private static Pod chained(MetaNode meta, String name, ObjectNode entry, Map<String, String> annotations) {
        CniRuntime runtime = meta.node().runtime(meta.node().conflist("1.0.0", entry));
        Pod pod = meta.node().addPod(name, runtime, meta.inCluster(name, annotations));
        pod.warmUp(meta.node().nic(), meta.node().nic().address());
        return pod;
    }

    /** What the NIC makes of the pod's priority 3. */
    private int mapped(MetaNode meta, Pod pod) {
        Node node = meta.node();
        int port = Nodes.port(ports.getAndIncrement());
        Nodes.udp(pod, node.nic().address(), port, 3, 20);
        List<Long> packets = node.nic().seen(port).packets();
        return packets.indexOf(20L);
    }

    /** Also for a new pod of an agent that has only just started: an entry with keys does not wait for its informers. */
    private void assertSoonMapped(MetaNode meta, Pod pod, int expected) {
        Eventually.assertTrue(SOON, () -> mapped(meta, pod) == expected, "priority 3 does not become " + expected);
    }

    @ParameterizedTest
    @CsvSource({"true, 2", "false, 0"})
    void theNamespacesDefaultIsThePolicyAndComesAndGoesWithIt(boolean withKeys, int withoutNad) {
        try (MetaNode meta = MetaNode.started()) {
            nad(meta, "motion", threeTo(meta, 5));
            Pod pod = chained(meta, "plc", withKeys ? threeTo(meta, 2) : bare(), Map.of());
            assertSoonMapped(meta, pod, 5);
            meta.api().updateNad(MetaNode.NAMESPACE, "motion", threeTo(meta, 6).toString());
            assertSoonMapped(meta, pod, 6);
            Pod next = chained(meta, "next", withKeys ? threeTo(meta, 2) : bare(), Map.of());
            assertEquals(6, mapped(meta, next));
            meta.api().deleteNad(MetaNode.NAMESPACE, "motion");
            assertSoonMapped(meta, pod, withoutNad);
            pod.runtime().check(pod.attachment());
            pod.del();
            next.del();
            Leftovers.assertNoneOfDelegates(meta.node());
        }
    }

    @Test
    void aPodWithAnEntryOfItsOwnGetsADefaultThatIsMadeLater() {
        try (MetaNode meta = MetaNode.started()) {
            Pod pod = chained(meta, "plc", threeTo(meta, 2), Map.of());
            assertEquals(2, mapped(meta, pod));
            nad(meta, "motion", threeTo(meta, 5));
            assertSoonMapped(meta, pod, 5);
        }
    }

    @Test
    void theNicIsTheEntrysIfTheDefinitionNamesNone() {
        try (MetaNode meta = MetaNode.started()) {
            nad(meta, "motion", bare().set("priorityMap", Nodes.json("{\"3\": 5}")));
            Pod pod = chained(meta, "plc", threeTo(meta, 2), Map.of());
            assertSoonMapped(meta, pod, 5);
        }
    }

    @Test
    void otherNamespacesAndOtherDefinitionsAreNoConcernOfAPods() {
        try (MetaNode meta = MetaNode.started()) {
            meta.api().nad("office", "motion", threeTo(meta, 5).toString(), DEFAULT);
            meta.api().nad(MetaNode.NAMESPACE, "unmarked", threeTo(meta, 6).toString(), Map.of());
            Pod pod = chained(meta, "plc", threeTo(meta, 2), Map.of());
            assertEquals(2, mapped(meta, pod));
            Pod untouched = chained(meta, "bare", bare(), Map.of());
            assertEquals(0, mapped(meta, untouched));
            untouched.runtime().check(untouched.attachment());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aPodThatOptsOutIsLeftAlone(boolean withKeys) {
        try (MetaNode meta = MetaNode.started()) {
            nad(meta, "motion", threeTo(meta, 5));
            Pod pod = chained(meta, "plc", withKeys ? threeTo(meta, 2) : bare(), Map.of("tsncni.io/policy", "none"));
            assertSoonMapped(meta, pod, 0);
            pod.runtime().check(pod.attachment());
            meta.api().updateNad(MetaNode.NAMESPACE, "motion", threeTo(meta, 6).toString());
            Pod other = chained(meta, "other", threeTo(meta, 2), Map.of());
            assertSoonMapped(meta, other, 6);
            assertEquals(0, mapped(meta, pod));
            pod.del();
            other.del();
            Leftovers.assertNoneOfDelegates(meta.node());
        }
    }

    @Test
    void aPodThatOptsOutIsLeftAloneOnceThatCanBeKnown() {
        try (MetaNode meta = MetaNode.started()) {
            meta.api().stop();
            meta.node().agent().kill();
            meta.node().agent().start();
            Pod pod = chained(meta, "plc", threeTo(meta, 2), Map.of("tsncni.io/policy", "none"));
            assertEquals(2, mapped(meta, pod));
            meta.api().start();
            Eventually.assertTrue(AFTER_A_START, () -> mapped(meta, pod) == 0, "an opted-out pod has a policy");
            pod.runtime().check(pod.attachment());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void twoDefaultsAreAnErrorThatNamesBothAndAWarning(boolean withKeys) {
        try (MetaNode meta = MetaNode.started();
                PodNetns netns = PodNetns.create("pod")) {
            nad(meta, "motion", threeTo(meta, 5));
            Pod running = chained(meta, "running", threeTo(meta, 2), Map.of());
            assertSoonMapped(meta, running, 5);
            nad(meta, "clamp", threeTo(meta, 6));
            CniRuntime runtime =
                    meta.node().runtime(meta.node().conflist("1.0.0", withKeys ? threeTo(meta, 2) : bare()));
            Attachment attachment = meta.attachment(netns, meta.inCluster("plc", ""));
            CniFailure failure = assertThrows(CniFailure.class, () -> addUntilItIsKnown(runtime, attachment));
            assertEquals(7, failure.code());
            assertTrue(failure.msg().contains("plant/clamp, plant/motion"), failure.msg());
            String events = meta.events("plc", 1);
            assertTrue(events.startsWith("Warning "), events);
            assertTrue(events.contains("plant/clamp, plant/motion"), events);
            assertTrue(meta.node().agent().stderr().contains("plant/clamp, plant/motion"));
            assertEquals(5, mapped(meta, running), "never a coin toss");
            runtime.del(attachment);
            running.del();
            Leftovers.assertNoneOfDelegates(meta.node());
        }
    }

    /** A NAD that was made this instant may not have come to the agent yet. */
    private static void addUntilItIsKnown(CniRuntime runtime, Attachment attachment) {
        for (int i = 0; i < 20; i++) {
            runtime.add(attachment);
            runtime.del(attachment);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'{\"type\": \"tsn\", \"priorityMap\": {\"3\": -1}}', priorityMap.3",
        "'{\"type\": \"bridge\"}', type",
        "'{\"type\": ', spec.config",
        "'', spec.config"
    })
    void anInvalidDefaultIsNamedAndRunningPodsKeepTheirs(String invalid, String key) {
        try (MetaNode meta = MetaNode.started();
                PodNetns netns = PodNetns.create("pod")) {
            nad(meta, "motion", threeTo(meta, 5));
            Pod running = chained(meta, "running", threeTo(meta, 2), Map.of());
            assertSoonMapped(meta, running, 5);
            meta.api().updateNad(MetaNode.NAMESPACE, "motion", invalid);
            CniRuntime runtime = meta.node().runtime(meta.node().conflist("1.0.0", threeTo(meta, 2)));
            Attachment attachment = meta.attachment(netns, meta.inCluster("plc", ""));
            CniFailure failure = assertThrows(CniFailure.class, () -> addUntilItIsKnown(runtime, attachment));
            assertEquals(7, failure.code());
            assertTrue(failure.msg().contains("plant/motion") && failure.msg().contains(key), failure.msg());
            assertEquals(5, mapped(meta, running));
            running.runtime().check(running.attachment());
            running.del();
            runtime.del(attachment);
            Leftovers.assertNoneOfDelegates(meta.node());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatChangedWhileThereWasNoAgentIsFollowedByTheNext(boolean deleted) {
        try (MetaNode meta = MetaNode.started()) {
            nad(meta, "motion", threeTo(meta, 5));
            Pod pod = chained(meta, "plc", threeTo(meta, 2), Map.of());
            assertSoonMapped(meta, pod, 5);
            meta.node().agent().kill();
            if (deleted) {
                meta.api().deleteNad(MetaNode.NAMESPACE, "motion");
            } else {
                meta.api()
                        .updateNad(
                                MetaNode.NAMESPACE, "motion", threeTo(meta, 6).toString());
            }
            assertEquals(5, mapped(meta, pod));
            meta.node().agent().start();
            Eventually.assertTrue(
                    AFTER_A_START, () -> mapped(meta, pod) == (deleted ? 2 : 6), "the new agent does not follow");
        }
    }

    @Test
    void anApiServerThatGoesTakesNoPolicyWithIt() {
        try (MetaNode meta = MetaNode.started()) {
            nad(meta, "motion", threeTo(meta, 5));
            Pod pod = chained(meta, "plc", threeTo(meta, 2), Map.of());
            assertSoonMapped(meta, pod, 5);
            meta.api().stop();
            meta.node().agent().kill();
            meta.node().agent().start();
            assertEquals(5, mapped(meta, pod));
            pod.del();
            Leftovers.assertNoneOfDelegates(meta.node());
        }
    }
}

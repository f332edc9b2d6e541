// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.testbed.CniFailure;
import io.tsncni.testbed.CniRuntime;
import io.tsncni.testbed.Pod;
import io.tsncni.testbed.PodNetns;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A step of many fails: what the runtime is told, and that the others are taken back. */
@RequiresRoot
class MetaFailureIT {
    private static final String PATCH_STATUS = "PATCH .*/pods/plc/status";

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatASecondaryNetworkRefusesIsTheErrorAndEverythingIsTakenBack(boolean parallel) {
        try (MetaNode meta = MetaNode.started();
                PodNetns netns = PodNetns.create("pod")) {
            meta.witness().on("ADD-net2", Witness.failing(142, "boom", "why"));
            meta.api().nad(MetaNode.NAMESPACE, "second", Witness.network("second"));
            meta.api().nad(MetaNode.NAMESPACE, "bridge", meta.node().bridgeNetwork("bridge"));
            CniRuntime runtime = meta.runtime(meta.meta(meta.master()).put("parallel", parallel));
            String args = meta.inCluster("plc", "second,second,bridge");
            CniFailure failure = assertThrows(CniFailure.class, () -> runtime.add(meta.attachment(netns, args)));
            assertEquals(142, failure.code());
            assertEquals("boom", failure.msg());
            assertTrue(failure.details().contains("why"), failure.details());
            assertTrue(failure.details().contains("network plant/second, interface net2"), failure.details());
            assertEquals(
                    List.of("DEL net2", "DEL net1"),
                    meta.witness().calls("DEL").stream()
                            .map(Witness.Call::toString)
                            .toList());
            assertEquals(List.of(), MetaNode.interfaces(netns));
            assertEquals(Optional.empty(), meta.api().annotation(MetaNode.NAMESPACE, "plc", MetaNode.STATUS));
            Leftovers.assertNoneOfDelegates(meta.node());
        }
    }

    /** As libcni's cache gives it: some plugins know from it alone what they have to remove. */
    @Test
    void whatWasAddedIsTakenBackWithItsResult() {
        try (MetaNode meta = MetaNode.started();
                PodNetns netns = PodNetns.create("pod")) {
            meta.witness().on("ADD-net2", Witness.failing(142, "boom", ""));
            meta.api().nad(MetaNode.NAMESPACE, "second", Witness.network("second"));
            CniRuntime runtime = meta.runtime();
            String args = meta.inCluster("plc", "second,second");
            assertThrows(CniFailure.class, () -> runtime.add(meta.attachment(netns, args)));
            Witness.Call back = meta.witness().calls("DEL").get(1);
            assertEquals("net1", back.ifName());
            assertEquals("net1", back.conf().at("/prevResult/interfaces/0/name").asText());
        }
    }

    @Test
    void aPluginInAListThatFailsIsTakenBackWithThoseBeforeIt() {
        try (MetaNode meta = MetaNode.started();
                PodNetns netns = PodNetns.create("pod")) {
            meta.witness().on("ADD-net1", Witness.failing(142, "boom", ""));
            ObjectNode bridge = meta.node().bridgeNetwork("bridge");
            ObjectNode list =
                    Nodes.JSON.createObjectNode().put("cniVersion", "1.0.0").put("name", "bridge");
            list.putArray("plugins").add(bridge).addObject().put("type", Witness.TYPE);
            meta.api().nad(MetaNode.NAMESPACE, "list", list);
            CniRuntime runtime = meta.runtime();
            String args = meta.inCluster("plc", "list");
            CniFailure failure = assertThrows(CniFailure.class, () -> runtime.add(meta.attachment(netns, args)));
            assertEquals(142, failure.code());
            assertEquals(1, meta.witness().calls("DEL").size());
            assertEquals(List.of(), MetaNode.interfaces(netns));
            Leftovers.assertNoneOfDelegates(meta.node());
        }
    }

    /** Never a partial attachment: a pod whose networks nobody can read must not start. */
    @ParameterizedTest
    @CsvSource({"403", "500"})
    void aRefusedNetworkStatusFailsAddAndEverythingIsTakenBack(int code) {
        try (MetaNode meta = MetaNode.started();
                PodNetns netns = PodNetns.create("pod")) {
            meta.api().refuse(PATCH_STATUS, code, Integer.MAX_VALUE);
            meta.api().nad(MetaNode.NAMESPACE, "bridge", meta.node().bridgeNetwork("bridge"));
            CniRuntime runtime = meta.runtime();
            String args = meta.inCluster("plc", "bridge");
            CniFailure failure = assertThrows(CniFailure.class, () -> runtime.add(meta.attachment(netns, args)));
            assertEquals(11, failure.code());
            assertTrue(failure.msg().contains("network-status of pod plant/plc"), failure.msg());
            assertTrue(failure.msg().contains("HTTP " + code + ": not today"), failure.msg());
            assertEquals(List.of(), MetaNode.interfaces(netns));
            Leftovers.assertNoneOfDelegates(meta.node());
        }
    }

    @Test
    void aNetworkStatusThatIsRefusedForAMomentIsWrittenLater() {
        try (MetaNode meta = MetaNode.started()) {
            meta.api().refuse(PATCH_STATUS, 503, 2);
            meta.addPod(meta.runtime(), "plc", "");
            assertEquals(List.of("master eth0"), meta.statusOf("plc"));
        }
    }

    @Test
    void aDelThatADelegateRefusesIsAnErrorAndTheNextOneFinishes() {
        try (MetaNode meta = MetaNode.started()) {
            meta.api().nad(MetaNode.NAMESPACE, "second", Witness.network("second"));
            meta.api().nad(MetaNode.NAMESPACE, "bridge", meta.node().bridgeNetwork("bridge"));
            Pod pod = meta.addPod(meta.runtime(), "plc", "second,bridge");
            meta.witness().on("DEL", Witness.failing(142, "not yet", "why"));
            CniFailure failure = assertThrows(CniFailure.class, pod::del);
            assertEquals(142, failure.code());
            assertEquals("not yet", failure.msg());
            assertEquals(List.of(), MetaNode.interfaces(pod.netns()), "all others are gone");
            assertFalse(Leftovers.of(meta.node()).records().isEmpty());
            meta.witness().onNoMore("DEL");
            pod.del();
            assertEquals(
                    "second",
                    meta.witness().calls("DEL").get(1).conf().path("name").asText());
            Leftovers.assertNoneOfDelegates(meta.node());
        }
    }

    @Test
    void twoDelegatesThatRefuseADelAreBothSaid() {
        try (MetaNode meta = MetaNode.started()) {
            meta.api().nad(MetaNode.NAMESPACE, "second", Witness.network("second"));
            Pod pod = meta.addPod(meta.runtime(), "plc", "second,second");
            meta.witness().on("DEL-net1", Witness.failing(101, "one", ""));
            meta.witness().on("DEL-net2", Witness.failing(102, "two", ""));
            CniFailure failure = assertThrows(CniFailure.class, pod::del);
            assertEquals("two / one", failure.msg());
            meta.witness().onNoMore("DEL-net1");
            meta.witness().onNoMore("DEL-net2");
            pod.del();
            Leftovers.assertNoneOfDelegates(meta.node());
        }
    }
}

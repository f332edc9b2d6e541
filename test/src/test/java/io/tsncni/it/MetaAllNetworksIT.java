// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.testbed.Attachment;
import io.tsncni.testbed.CniFailure;
import io.tsncni.testbed.CniRuntime;
import io.tsncni.testbed.Pod;
import io.tsncni.testbed.Shell;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** CHECK, STATUS and GC reach every network, not only the default one. */
@RequiresRoot
class MetaAllNetworksIT {
    private static ObjectNode newWitness(String name) {
        return Witness.network(name).put("cniVersion", "1.1.0");
    }

    @Test
    void checkSeesASecondaryInterfaceThatIsGone() {
        try (MetaNode meta = MetaNode.started()) {
            meta.api().nad(MetaNode.NAMESPACE, "bridge", meta.node().bridgeNetwork("bridge"));
            Pod pod = meta.addPod(meta.runtime(), "plc", "bridge");
            pod.runtime().check(pod.attachment());
            pod.netns().exec("ip", "link", "del", "net1");
            CniFailure failure =
                    assertThrows(CniFailure.class, () -> pod.runtime().check(pod.attachment()));
            assertTrue(failure.details().contains("network plant/bridge, interface net1"), failure.toString());
        }
    }

    @Test
    void checkGivesThePluginsOwnErrorAlsoOfTheMaster() {
        try (MetaNode meta = MetaNode.started()) {
            meta.api().nad(MetaNode.NAMESPACE, "second", Witness.network("second"));
            Pod pod = meta.addPod(meta.runtime(meta.meta(Witness.network("first"))), "plc", "second");
            for (String ifName : List.of("eth0", "net1")) {
                meta.witness().on("CHECK-" + ifName, Witness.failing(117, "not so", ""));
                CniFailure failure =
                        assertThrows(CniFailure.class, () -> pod.runtime().check(pod.attachment()));
                assertEquals(117, failure.code());
                assertEquals("not so", failure.msg());
                meta.witness().onNoMore("CHECK-" + ifName);
            }
            pod.runtime().check(pod.attachment());
        }
    }

    @Test
    void statusAsksTheNetworksOfEveryPod() {
        try (MetaNode meta = MetaNode.started()) {
            CniRuntime runtime =
                    meta.runtime(meta.meta(meta.master(), newWitness("second"), Witness.network("old")), "1.1.0");
            runtime.status();
            assertEquals(
                    List.of("second"),
                    meta.witness().calls("STATUS").stream()
                            .map(call -> call.conf().path("name").asText())
                            .toList(),
                    "bridge and old are older than STATUS");
            meta.witness().on("STATUS", Witness.failing(50, "no room", "x"));
            CniFailure failure = assertThrows(CniFailure.class, runtime::status);
            assertEquals(50, failure.code());
            assertEquals("no room", failure.msg());
        }
    }

    @Test
    void statusAsksDefaultNetworksToo() {
        try (MetaNode meta = MetaNode.started()) {
            meta.api().nad("kube-system", "front", newWitness("front"));
            meta.api().nad("kube-system", "extra", newWitness("extra"));
            ObjectNode conf = meta.meta().put("clusterNetwork", "front");
            conf.putArray("defaultNetworks").add("extra");
            meta.runtime(conf, "1.1.0").status();
            assertEquals(
                    Set.of("front", "extra"),
                    new TreeSet<>(meta.witness().calls("STATUS").stream()
                            .map(call -> call.conf().path("name").asText())
                            .toList()));
        }
    }

    @Test
    void statusOfAPolicyAmongTheDelegatesIsAboutItsNic() {
        try (MetaNode meta = MetaNode.started()) {
            ObjectNode policy =
                    meta.node().tsnEntry().put("cniVersion", "1.1.0").put("name", "motion");
            meta.runtime(meta.meta(meta.master(), policy), "1.1.0").status();
            CniRuntime wrong = meta.runtime(meta.meta(meta.master(), policy.put("egress", "absent0")), "1.1.0");
            CniFailure failure = assertThrows(CniFailure.class, wrong::status);
            assertEquals(50, failure.code());
            assertTrue(failure.msg().contains("absent0"), failure.msg());
        }
    }

    @Test
    void gcTakesAPodThatIsNotValidWithAllItsNetworksAndLeavesTheOthers() {
        try (MetaNode meta = MetaNode.started()) {
            meta.api().nad(MetaNode.NAMESPACE, "bridge", meta.node().bridgeNetwork("bridge"));
            meta.api().nad(MetaNode.NAMESPACE, "second", newWitness("second"));
            CniRuntime runtime = meta.runtime(meta.meta(meta.master()), "1.1.0");
            Pod stays = meta.addPod(runtime, "stays", "bridge,second");
            Set<String> reserved = meta.node().reservations();
            Pod goes = meta.addPod(runtime, "goes", "second,bridge");
            goes.netns().close();
            gc(runtime, stays.attachment());

            assertEquals(reserved, meta.node().reservations());
            assertEquals(List.of("eth0", "net1"), MetaNode.interfaces(stays.netns()));
            runtime.check(stays.attachment());
            List<Witness.Call> deleted = meta.witness().calls("DEL");
            assertEquals(1, deleted.size());
            assertEquals(goes.attachment().containerId(), deleted.get(0).env().get("CNI_CONTAINERID"));
            List<Witness.Call> collected = meta.witness().calls("GC");
            assertEquals(1, collected.size());
            assertEquals(
                    Nodes.json("[{\"containerID\": \"%s\", \"ifname\": \"net2\"}]"
                            .formatted(stays.attachment().containerId())),
                    collected.get(0).conf().path("cni.dev/valid-attachments"));

            gc(runtime);
            assertEquals(Set.of(), meta.node().reservations());
            Leftovers.assertNoneOfDelegates(meta.node());
        }
    }

    /** The runtime names a container with the master's interface alone. */
    @Test
    void gcWithoutRecordsTakesNothingOfAValidPodsOtherNetworks() {
        try (MetaNode meta = MetaNode.started()) {
            CniRuntime runtime = meta.runtime(meta.meta(newWitness("first"), newWitness("second")), "1.1.0");
            Pod pod = meta.addPod(runtime, "plc", "");
            meta.node().agent().stop();
            Shell.run(
                    "rm",
                    "-r",
                    meta.node().agent().stateDir().resolve("attachments").toString());
            meta.node().agent().start();
            gc(runtime, pod.attachment());
            String container = pod.attachment().containerId();
            for (Witness.Call call : meta.witness().calls("GC")) {
                String ifName = call.conf().path("name").asText().equals("first") ? "eth0" : "net1";
                List<String> valid = new ArrayList<>();
                call.conf()
                        .path("cni.dev/valid-attachments")
                        .forEach(one -> valid.add(one.path("containerID").asText() + " "
                                + one.path("ifname").asText()));
                assertTrue(valid.contains(container + " " + ifName), call.conf().toString());
            }
        }
    }

    @Test
    void gcKeepsWhatAnotherNetworkHasAttached() {
        try (MetaNode meta = MetaNode.started()) {
            CniRuntime runtime = meta.runtime(meta.meta(meta.master()), "1.1.0");
            Pod pod = meta.addPod(runtime, "plc", "");
            Set<String> reserved = meta.node().reservations();
            ObjectNode other = runtime.conflist().put("name", "another");
            gc(meta.node().runtime(other));
            assertEquals(reserved, meta.node().reservations());
            runtime.check(pod.attachment());
        }
    }

    /** Only the plugin's part: libcni's own DELs would hide what it does. */
    private static void gc(CniRuntime runtime, Attachment... valid) {
        ObjectNode conf = runtime.plugins().get(0);
        conf.put("name", runtime.conflist().path("name").asText()).put("cniVersion", "1.1.0");
        ArrayNode attachments = conf.putArray("cni.dev/valid-attachments");
        for (Attachment one : valid) {
            attachments.addObject().put("containerID", one.containerId()).put("ifname", one.ifName());
        }
        runtime.call("GC", runtime.plugins().get(0), Map.of(), conf);
    }
}

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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A meta-plugin's configuration without Kubernetes: its delegates, their order, names and results. */
@RequiresRoot
class MetaDelegatesIT {
    @ParameterizedTest
    @ValueSource(strings = {"0.3.1", "0.4.0", "1.0.0", "1.1.0"})
    void allDelegatesAreAttachedAndTheMastersResultIsTheAnswer(String version) {
        try (MetaNode meta = MetaNode.alone()) {
            CniRuntime runtime = meta.runtime(
                    meta.meta(
                            meta.master(),
                            meta.node().bridgeNetwork("second"),
                            meta.node().bridgeNetwork("third")),
                    version);
            Pod pod = meta.node().addPod("pod", runtime);
            assertEquals(version, pod.result().path("cniVersion").asText());
            assertEquals(List.of("eth0", "net1", "net2"), MetaNode.interfaces(pod.netns()));
            List<String> names = pod.result().path("interfaces").findValuesAsText("name");
            assertTrue(
                    names.contains("eth0") && !names.contains("net1"),
                    pod.result().toString());
            String addresses =
                    pod.netns().exec("ip", "-4", "addr", "show", "eth0").stdout();
            assertTrue(addresses.contains("inet " + pod.address() + "/22"), addresses);
            if (!version.equals("0.3.1")) {
                runtime.check(pod.attachment());
            }
            pod.del();
            assertEquals(List.of(), MetaNode.interfaces(pod.netns()));
            Leftovers.assertNoneOfDelegates(meta.node());
        }
    }

    @Test
    void aContainerOfNoPodGetsTheDefaultNetworkAloneFromAnAgentWithKubernetes() {
        try (MetaNode meta = MetaNode.started()) {
            Pod pod = meta.node().addPod("pod", meta.runtime());
            assertEquals(List.of("eth0"), MetaNode.interfaces(pod.netns()));
            pod.del();
            Leftovers.assertNoneOfDelegates(meta.node());
        }
    }

    @Test
    void aBinDirThatNobodyVouchesForIsRefused() {
        try (MetaNode meta = MetaNode.alone();
                PodNetns netns = PodNetns.create("pod")) {
            CniRuntime runtime = meta.runtime(meta.meta(meta.master()).put("binDir", "/var/lib/kubelet/pods/x"));
            CniFailure failure = assertThrows(CniFailure.class, () -> runtime.add(meta.attachment(netns, "")));
            assertEquals(7, failure.code());
            assertTrue(failure.msg().startsWith("binDir: '/var/lib/kubelet/pods/x' is neither"), failure.msg());
            runtime.del(meta.attachment(netns, ""));
            Leftovers.assertNoneOfDelegates(meta.node());
        }
    }

    @Test
    void aNameThatIsTakenIsRefusedBeforeAnythingIsDone() {
        try (MetaNode meta = MetaNode.alone();
                PodNetns netns = PodNetns.create("pod")) {
            netns.exec("ip", "link", "add", "net1", "type", "bridge");
            CniRuntime runtime =
                    meta.runtime(meta.meta(meta.master(), meta.node().bridgeNetwork("second")));
            CniFailure failure = assertThrows(CniFailure.class, () -> runtime.add(meta.attachment(netns, "")));
            assertTrue(failure.msg().contains("interface name net1 already exists"), failure.msg());
            assertEquals(List.of("net1"), MetaNode.interfaces(netns));
            Leftovers.assertNoneOfDelegates(meta.node());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ptp", "macvlan", "tuning"})
    void theReferencePluginsAreNetworksOfAPod(String type) {
        try (MetaNode meta = MetaNode.alone()) {
            ObjectNode bridge = meta.node().bridgeNetwork("second");
            String prefix = bridge.at("/ipam/subnet").asText().replace(".0/24", ".");
            ObjectNode network =
                    switch (type) {
                        case "ptp" -> bridge.put("type", type);
                        case "macvlan" ->
                            bridge.put("type", type)
                                    .put("master", meta.node().nic().name());
                        default -> {
                            ObjectNode list = Nodes.JSON
                                    .createObjectNode()
                                    .put("cniVersion", "1.0.0")
                                    .put("name", "second");
                            ObjectNode tuning = list.putArray("plugins")
                                    .add(bridge)
                                    .addObject()
                                    .put("type", type);
                            tuning.putObject("sysctl").put("net.ipv4.conf.IFNAME.arp_filter", "1");
                            yield list;
                        }
                    };
            Pod pod = meta.node().addPod("pod", meta.runtime(meta.meta(meta.master(), network)));
            assertEquals(List.of("eth0", "net1"), MetaNode.interfaces(pod.netns()));
            String shown = pod.netns().exec("ip", "-4", "addr", "show", "net1").stdout();
            assertTrue(shown.contains("inet " + prefix), shown);
            String filter = pod.netns()
                    .exec("cat", "/proc/sys/net/ipv4/conf/net1/arp_filter")
                    .stdout()
                    .strip();
            assertEquals(type.equals("tuning") ? "1" : "0", filter);
            if (!type.equals("tuning")) {
                // Its own CHECK looks for an interface that is called IFNAME.
                pod.runtime().check(pod.attachment());
            }
            pod.del();
            assertEquals(List.of(), MetaNode.interfaces(pod.netns()));
            Leftovers.assertNoneOfDelegates(meta.node());
        }
    }

    @Test
    void pluginsAreToldWhatLibcniTellsThem() {
        try (MetaNode meta = MetaNode.alone()) {
            ObjectNode list =
                    Nodes.JSON.createObjectNode().put("cniVersion", "0.4.0").put("name", "chain");
            ObjectNode first = Nodes.JSON.createObjectNode().put("type", Witness.TYPE);
            first.putObject("capabilities").put("portMappings", true).put("mac", false);
            ObjectNode last = Nodes.JSON.createObjectNode().put("type", Witness.TYPE);
            list.putArray("plugins").add(first).add(last);
            ObjectNode conf = meta.meta(meta.master(), list);
            conf.set(
                    "runtimeConfig",
                    Nodes.json("{\"portMappings\": [{\"hostPort\": 8080, \"containerPort\": 80}],"
                            + " \"mac\": \"02:00:00:00:00:09\", \"bandwidth\": {}}"));
            Pod pod = meta.node().addPod("pod", meta.runtime(conf));

            List<Witness.Call> added = meta.witness().calls("ADD");
            assertEquals(2, added.size());
            for (Witness.Call call : added) {
                assertEquals("chain", call.conf().path("name").asText());
                assertEquals("0.4.0", call.conf().path("cniVersion").asText());
                assertEquals("net1", call.ifName());
                assertEquals(pod.attachment().containerId(), call.env().get("CNI_CONTAINERID"));
                assertEquals(pod.attachment().netns(), call.env().get("CNI_NETNS"));
                assertTrue(call.env().get("CNI_PATH").startsWith(meta.witness().binDir() + ":"), "binDir comes first");
            }
            assertEquals(
                    Nodes.json("{\"portMappings\": [{\"hostPort\": 8080, \"containerPort\": 80}]}"),
                    added.get(0).conf().path("runtimeConfig"));
            assertFalse(added.get(1).conf().has("runtimeConfig"));
            assertFalse(added.get(0).conf().has("prevResult"), "the master's result is none of net1's");
            assertEquals(
                    "net1",
                    added.get(1).conf().at("/prevResult/interfaces/0/name").asText());

            pod.runtime().check(pod.attachment());
            pod.del();
            for (String command : List.of("CHECK", "DEL")) {
                List<Witness.Call> calls = meta.witness().calls(command);
                assertEquals(2, calls.size(), command);
                for (Witness.Call call : calls) {
                    assertEquals("chain", call.conf().path("name").asText());
                    assertEquals(
                            "net1",
                            call.conf().at("/prevResult/interfaces/0/name").asText(),
                            command);
                }
            }
            assertFalse(meta.witness().calls("DEL").get(0).conf().has("capabilities"), "the last plugin first");
        }
    }

    @Test
    void delRunsTheNetworksInReverse() {
        try (MetaNode meta = MetaNode.alone()) {
            Pod pod = meta.node()
                    .addPod(
                            "pod",
                            meta.runtime(meta.meta(
                                    meta.master(), Witness.network("a"), Witness.network("b"), Witness.network("c"))));
            pod.del();
            assertEquals(
                    List.of("DEL net3", "DEL net2", "DEL net1"),
                    meta.witness().calls("DEL").stream()
                            .map(Witness.Call::toString)
                            .toList());
        }
    }
}

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
import io.tsncni.testbed.Shell;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A configuration of ours that has others make the interface, as Multus runs a NAD of it or libcni anything. */
@RequiresRoot
class DelegateIT {
    private static ObjectNode single(String version, ObjectNode tsn) {
        ObjectNode conflist =
                Nodes.JSON.createObjectNode().put("cniVersion", version).put("name", "motion");
        conflist.putArray("plugins").add(tsn);
        return conflist;
    }

    private static ObjectNode list(ObjectNode... plugins) {
        ObjectNode list = Nodes.JSON.createObjectNode();
        list.putArray("plugins").addAll(List.of(plugins));
        return list;
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.3.1", "0.4.0", "1.0.0"})
    void theDelegateMakesTheInterfaceAndTheSaverIsOnIt(String version) {
        try (Node node = Nodes.started()) {
            ObjectNode tsn = node.tsnEntry(Nodes.json("{\"3\": 5}"));
            tsn.set("delegate", node.bridgeEntry());
            Pod pod = node.addPod("pod", node.runtime(single(version, tsn)));
            assertEquals(version, pod.result().path("cniVersion").asText());
            assertEquals(3, pod.result().path("interfaces").size(), pod.result().toString());
            pod.warmUp(node.nic(), node.nic().address());
            Nodes.udp(pod, node.nic().address(), Nodes.port(1), 3, 100);
            assertEquals(100, node.nic().seen(Nodes.port(1)).at(5));
            assertEquals(
                    "eth0",
                    node.agent()
                            .status()
                            .at("/attachments/0/delegates/0/interface")
                            .asText());
            if (!version.equals("0.3.1")) {
                pod.runtime().check(pod.attachment());
            }
            pod.del();
            Leftovers.assertNoneOfDelegates(node);
        }
    }

    @Test
    void anEntryOfOursInTheDelegatesListIsThePolicy() {
        try (Node node = Nodes.started()) {
            ObjectNode tsn = Nodes.JSON.createObjectNode().put("type", "tsn");
            tsn.set("delegate", list(node.bridgeEntry(), node.tsnEntry(Nodes.json("{\"3\": 6}"))));
            Pod pod = node.addPod("pod", node.runtime(single("1.0.0", tsn)));
            pod.warmUp(node.nic(), node.nic().address());
            Nodes.udp(pod, node.nic().address(), Nodes.port(1), 3, 100);
            assertEquals(100, node.nic().seen(Nodes.port(1)).at(6));
            pod.del();
            Leftovers.assertNoneOfDelegates(node);
        }
    }

    @Test
    void macvlanNeedsNoNicToBeNamedAndHasThePolicyAppliedDirectly() {
        try (Node node = Nodes.started()) {
            ObjectNode tsn = Nodes.JSON.createObjectNode().put("type", "tsn");
            tsn.set("priorityMap", Nodes.json("{\"3\": 9}"));
            ObjectNode macvlan = tsn.putObject("delegate")
                    .put("type", "macvlan")
                    .put("master", node.nic().name());
            macvlan.putObject("ipam")
                    .put("type", "static")
                    .putArray("addresses")
                    .addObject()
                    .put("address", node.nic().address().replaceAll("\\d+$", "77/24"));
            Pod pod = node.addPod("pod", node.runtime(single("1.0.0", tsn)));
            pod.netns().exec("ip", "route", "replace", "198.18.0.0/15", "dev", "eth0");
            pod.warmUp(node.nic(), node.nic().address());
            Nodes.udp(pod, node.nic().address(), Nodes.port(1), 3, 100);
            assertEquals(100, node.nic().seen(Nodes.port(1)).at(9));
            pod.del();
            Leftovers.assertNoneOfDelegates(node);
        }
    }

    @Test
    void whatOnePluginRefusesIsTakenBackAndItsErrorReachesTheRuntimeUnchanged() {
        try (Node node = Nodes.started();
                PodNetns netns = PodNetns.create("pod")) {
            ObjectNode tuning = Nodes.JSON.createObjectNode().put("type", "tuning");
            tuning.putObject("sysctl").put("net.ipv4.conf.IFNAME.no_such_thing", "1");
            CniFailure direct = assertThrows(CniFailure.class, () -> node.runtime(node.conflist("1.0.0", tuning))
                    .add(new Attachment("direct", netns)));
            assertTrue(direct.msg().contains("no_such_thing"), direct.msg());
            netns.exec("ip", "link", "del", "eth0");

            ObjectNode tsn = node.tsnEntry();
            tsn.set("delegate", list(node.bridgeEntry(), tuning));
            Attachment attachment = new Attachment("ours", netns);
            CniFailure ours = assertThrows(
                    CniFailure.class, () -> node.runtime(single("1.0.0", tsn)).add(attachment));
            assertEquals(direct.code(), ours.code());
            assertEquals(direct.msg(), ours.msg());
            assertTrue(ours.details().contains("network motion, interface eth0"), ours.details());
            node.runtime(node.conflist("1.0.0")).del(new Attachment("direct", netns));
            Leftovers.assertNoneOfDelegates(node);
            assertEquals(
                    "", netns.command("ip", "link", "show", "eth0").attempt().stdout());
        }
    }

    @Test
    void aPluginThatIsNotThereIsNamedWithThePlacesThatWereLookedAt() {
        try (Node node = Nodes.started();
                PodNetns netns = PodNetns.create("pod")) {
            ObjectNode tsn = node.tsnEntry();
            tsn.putObject("delegate").put("type", "no-such-plugin");
            CniFailure failure = assertThrows(
                    CniFailure.class, () -> node.runtime(single("1.0.0", tsn)).add(new Attachment("pod", netns)));
            assertEquals(7, failure.code());
            assertTrue(failure.msg().startsWith("type: no plugin 'no-such-plugin' in ["), failure.msg());
            assertTrue(failure.msg().contains("/usr/lib/cni"), failure.msg());
            Leftovers.assertNoneOfDelegates(node);
        }
    }

    @Test
    void withoutAnAgentADelWithDelegatesIsLeftForTheRuntimeToRepeat() {
        try (Node node = Nodes.started()) {
            ObjectNode tsn = node.tsnEntry();
            tsn.set("delegate", node.bridgeEntry());
            Pod pod = node.addPod("pod", node.runtime(single("1.0.0", tsn)));
            node.agent().kill();
            assertEquals(11, assertThrows(CniFailure.class, pod::del).code());
            node.agent().start();
            pod.del();
            Leftovers.assertNoneOfDelegates(node);
        }
    }

    @Test
    void withoutItsRecordADelStillTellsTheDelegate() {
        try (Node node = Nodes.started()) {
            ObjectNode tsn = node.tsnEntry();
            tsn.set("delegate", node.bridgeEntry());
            Pod pod = node.addPod("pod", node.runtime(single("1.0.0", tsn)));
            node.agent().stop();
            Shell.run("rm", "-r", node.agent().stateDir().resolve("attachments").toString());
            node.agent().start();
            pod.del();
            Leftovers.assertNoneOfDelegates(node);
        }
    }

    @Test
    void asASecondaryNetworkWithoutDelegateItTakesThePodsFirstInterface() {
        try (Node node = Nodes.started()) {
            Pod pod = node.addPod("pod");
            CniRuntime secondary = node.runtime(single("0.4.0", node.tsnEntry(Nodes.json("{\"3\": 5}"))));
            Attachment net1 = pod.attachment().ifName("net1");
            ObjectNode result = secondary.add(net1);
            assertEquals("0.4.0", result.path("cniVersion").asText());
            assertEquals("eth0", result.at("/interfaces/0/name").asText());
            assertEquals(
                    pod.netns().path().toString(),
                    result.at("/interfaces/0/sandbox").asText());
            assertTrue(
                    pod.netns()
                            .exec("ip", "link", "show", "eth0")
                            .stdout()
                            .contains(result.at("/interfaces/0/mac").asText("none")),
                    result.toString());
            pod.warmUp(node.nic(), node.nic().address());
            Nodes.udp(pod, node.nic().address(), Nodes.port(1), 3, 100);
            assertEquals(100, node.nic().seen(Nodes.port(1)).at(5));
            secondary.check(net1);
            secondary.del(net1);
            Nodes.udp(pod, node.nic().address(), Nodes.port(2), 3, 100);
            assertEquals(0, node.nic().seen(Nodes.port(2)).aboveZero());
            pod.del();
            Leftovers.assertNoneOfDelegates(node);
        }
    }

    @Test
    void aSecondaryNetworksPolicyGoesBeforeTheChainedOneUntilItsDel() {
        try (Node node = Nodes.started()) {
            Pod pod = node.addPod("pod", node.tsnEntry(Nodes.json("{\"3\": 2}")));
            CniRuntime secondary = node.runtime(single("1.0.0", node.tsnEntry(Nodes.json("{\"3\": 5}"))));
            pod.warmUp(node.nic(), node.nic().address());
            Attachment net1 = pod.attachment().ifName("net1");
            Nodes.udp(pod, node.nic().address(), Nodes.port(1), 3, 100);
            assertEquals(100, node.nic().seen(Nodes.port(1)).at(2));
            secondary.add(net1);
            secondary.check(net1);
            pod.runtime().check(pod.attachment());
            Nodes.udp(pod, node.nic().address(), Nodes.port(2), 3, 100);
            assertEquals(100, node.nic().seen(Nodes.port(2)).at(5));

            node.agent().kill();
            node.agent().start();
            Nodes.udp(pod, node.nic().address(), Nodes.port(3), 3, 100);
            assertEquals(100, node.nic().seen(Nodes.port(3)).at(5));

            CniFailure second = assertThrows(
                    CniFailure.class, () -> secondary.add(pod.attachment().ifName("net2")));
            assertEquals(7, second.code());
            assertTrue(
                    second.msg().contains("has the saver of attachment " + net1.containerId() + ":net1"), second.msg());

            secondary.del(net1);
            Nodes.udp(pod, node.nic().address(), Nodes.port(4), 3, 100);
            assertEquals(100, node.nic().seen(Nodes.port(4)).at(2));
            pod.del();
            Leftovers.assertNoneOfDelegates(node);
        }
    }

    @Test
    void oneOfTwoSecondaryNetworksAtOnceGetsTheInterface() throws Exception {
        try (Node node = Nodes.started()) {
            Pod pod = node.addPod("pod", node.tsnEntry(Nodes.json("{\"3\": 2}")));
            CniRuntime secondary = node.runtime(single("1.0.0", node.tsnEntry(Nodes.json("{\"3\": 5}"))));
            pod.warmUp(node.nic(), node.nic().address());
            List<Attachment> both =
                    Stream.of("net1", "net2").map(pod.attachment()::ifName).toList();
            for (int round = 1; round <= 20; round++) {
                List<CompletableFuture<Integer>> adds = both.stream()
                        .map(one -> CompletableFuture.supplyAsync(() -> code(() -> secondary.add(one))))
                        .toList();
                List<Integer> codes = List.of(adds.get(0).get(), adds.get(1).get());
                assertEquals(List.of(0, 7), codes.stream().sorted().toList(), "round " + round);
                secondary.del(both.get(codes.indexOf(0)));
                Nodes.udp(pod, node.nic().address(), Nodes.port(round), 3, 10);
                assertEquals(10, node.nic().seen(Nodes.port(round)).at(2), "round " + round);
            }
            pod.del();
            Leftovers.assertNoneOfDelegates(node);
        }
    }

    private static int code(Runnable call) {
        try {
            call.run();
            return 0;
        } catch (CniFailure e) {
            return e.code();
        }
    }

    @Test
    void aSecondaryNetworkOfAPodWithoutThatInterfaceSaysWhatToDo() {
        try (Node node = Nodes.started();
                PodNetns netns = PodNetns.create("pod")) {
            CniFailure failure = assertThrows(CniFailure.class, () -> node.runtime(single("1.0.0", node.tsnEntry()))
                    .add(new Attachment("pod", netns).ifName("net1")));
            assertEquals(7, failure.code());
            assertTrue(failure.msg().startsWith("interface: no interface 'eth0' in "), failure.msg());
            assertTrue(failure.msg().contains("'delegate'"), failure.msg());
            Leftovers.assertNoneOfDelegates(node);
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.testbed.CniFailure;
import io.tsncni.testbed.CniRuntime;
import io.tsncni.testbed.Pod;
import io.tsncni.testbed.PodNetns;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a pod in the cluster gets to see of its networks, where they come from, and pods that are not what is said. */
@RequiresRoot
class MetaPodIT {
    @Test
    void networkStatusIsWhatControllersParse() {
        try (MetaNode meta = MetaNode.started()) {
            ObjectNode second = meta.node().bridgeNetwork("second");
            second.putObject("dns").putArray("nameservers").add("192.0.2.53");
            meta.api().nad(MetaNode.NAMESPACE, "second", second);
            Pod pod = meta.addPod(meta.runtime(), "plc", "second");
            String text = meta.api()
                    .annotation(MetaNode.NAMESPACE, "plc", MetaNode.STATUS)
                    .orElseThrow();
            String first = address(pod, "eth0", "inet");
            String first6 = address(pod, "eth0", "inet6");
            assertEquals(
                    """
                    [{
                        "name": "master",
                        "interface": "eth0",
                        "ips": [
                            "%s",
                            "%s"
                        ],
                        "mac": "%s",
                        "default": true,
                        "dns": {},
                        "gateway": [
                            "%s",
                            "%s"
                        ]
                    },{
                        "name": "plant/second",
                        "interface": "net1",
                        "ips": [
                            "%s"
                        ],
                        "mac": "%s",
                        "dns": {
                            "nameservers": [
                                "192.0.2.53"
                            ]
                        }
                    }]"""
                            .formatted(
                                    first,
                                    first6,
                                    mac(pod, "eth0"),
                                    first.replaceAll("\\d+$", "1"),
                                    first6.replaceAll("[0-9a-f]+$", "1"),
                                    address(pod, "net1", "inet"),
                                    mac(pod, "net1")),
                    text);
            String events = meta.events("plc", 2);
            assertEquals(
                    "Normal AddedInterface Add eth0 [%s/22 %s/64] from master\n".formatted(first, first6)
                            + "Normal AddedInterface Add net1 [%s/24] from plant/second"
                                    .formatted(address(pod, "net1", "inet")),
                    events);
        }
    }

    private static String address(Pod pod, String ifName, String family) {
        return pod.netns()
                .exec("ip", "-o", "addr", "show", "dev", ifName, "scope", "global")
                .stdout()
                .lines()
                .filter(line -> line.contains(" " + family + " "))
                .map(line -> line.replaceAll(".* " + family + " ([^/]*)/.*", "$1"))
                .findFirst()
                .orElseThrow();
    }

    private static String mac(Pod pod, String ifName) {
        return Nodes.json(pod.netns().exec("ip", "-j", "link", "show", ifName).stdout())
                .at("/0/address")
                .asText();
    }

    @Test
    void theDefaultRouteThatAPodAsksForIsItsOnlyOneAndCheckAgrees() {
        try (MetaNode meta = MetaNode.started()) {
            ObjectNode second = meta.node().bridgeNetwork("second");
            String gateway = second.at("/ipam/subnet").asText().replace(".0/24", ".254");
            meta.api().nad(MetaNode.NAMESPACE, "second", second);
            Pod pod = meta.addPod(
                    meta.runtime(), "plc", "[{\"name\": \"second\", \"default-route\": [\"" + gateway + "\"]}]");
            String routes =
                    pod.netns().exec("ip", "route", "show", "default").stdout().strip();
            assertEquals("default via " + gateway + " dev net1", routes.strip());
            assertEquals(
                    "", pod.netns().exec("ip", "-6", "route", "show", "default").stdout());
            pod.runtime().check(pod.attachment());
            pod.netns().exec("ip", "route", "del", "default");
            assertThrows(CniFailure.class, () -> pod.runtime().check(pod.attachment()));
        }
    }

    @ParameterizedTest
    @CsvSource({"nad, plant, true", "file, plant, true", "directory, plant, true", "nad, kube-system, false"})
    void theClusterNetworkAndDefaultNetworksComeFromWhereTheyAreSaidToBe(
            String place, String namespace, boolean withDefaults) {
        try (MetaNode meta = MetaNode.started()) {
            ObjectNode conf = meta.meta();
            ObjectNode list = meta.master();
            switch (place) {
                case "nad" -> {
                    meta.api().nad("kube-system", "front", list);
                    conf.put("clusterNetwork", "front");
                }
                case "file" ->
                    conf.put(
                            "clusterNetwork",
                            meta.confFile("10-front.conflist", list).toString());
                default -> {
                    meta.confFile("20-later.conf", Witness.network("later"));
                    meta.confFile("10-front.conflist", list);
                    conf.put("clusterNetwork", meta.confDir().toString());
                }
            }
            meta.api().nad("kube-system", "extra", Witness.network("extra"));
            meta.confFile("90-ondisk.conf", Witness.network("ondisk"));
            conf.putArray("defaultNetworks").add("extra").add("ondisk");
            // Ignored beside a clusterNetwork.
            conf.putArray("delegates").add(Witness.network("ignored"));
            meta.api().nad(namespace, "own", Witness.network("own"));
            String args = meta.inCluster(namespace, "plc", Map.of(MetaNode.NETWORKS, "own"));
            Pod pod = meta.node().addPod("pod", meta.runtime(conf), args);
            String front = place.equals("nad") ? "kube-system/front eth0" : "master eth0";
            assertEquals(
                    withDefaults
                            ? List.of(front, "kube-system/extra net1", "ondisk net2", "plant/own net3")
                            : List.of(front, "kube-system/own net1"),
                    meta.statusOf(namespace, "plc"));
            pod.runtime().check(pod.attachment());
            pod.del();
            Leftovers.assertNoneOfDelegates(meta.node());
        }
    }

    @Test
    void aDefinitionWithoutConfigIsLookedUpOnDiskByItsName() {
        try (MetaNode meta = MetaNode.started()) {
            meta.confFile("10-other.conf", Witness.network("other"));
            meta.confFile("20-second.conf", Witness.network("second").put("found", true));
            meta.api().nad(MetaNode.NAMESPACE, "second", "", Map.of());
            meta.addPod(meta.runtime(), "plc", "second");
            assertTrue(meta.witness().calls("ADD").get(0).conf().path("found").asBoolean());
        }
    }

    @Test
    void aDefinitionWithoutNameHasItsOwn() {
        try (MetaNode meta = MetaNode.started()) {
            ObjectNode conf = Witness.network("");
            conf.remove("name");
            meta.api().nad(MetaNode.NAMESPACE, "second", conf);
            meta.addPod(meta.runtime(), "plc", "second");
            assertEquals(
                    "second",
                    meta.witness().calls("ADD").get(0).conf().path("name").asText());
        }
    }

    @Test
    void aMissingNetworkIsAnEventAndAnError() {
        try (MetaNode meta = MetaNode.started();
                PodNetns netns = PodNetns.create("pod")) {
            String args = meta.inCluster("plc", "nowhere");
            CniFailure failure =
                    assertThrows(CniFailure.class, () -> meta.runtime().add(meta.attachment(netns, args)));
            String words = "cannot find a network-attachment-definition (nowhere) in namespace (plant)";
            assertTrue(failure.msg().contains(words), failure.msg());
            String event = meta.events("plc", 1);
            assertTrue(event.startsWith("Warning NoNetworkFound "), event);
            assertTrue(event.contains(words), event);
            assertEquals(List.of(), MetaNode.interfaces(netns));
            Leftovers.assertNoneOfDelegates(meta.node());
        }
    }

    @Test
    void aDefinitionThatIsMadeJustBeforeItsPodIsFound() {
        try (MetaNode meta = MetaNode.started()) {
            for (int i = 0; i < 5; i++) {
                meta.api().nad(MetaNode.NAMESPACE, "second" + i, Witness.network("second"));
                meta.addPod(meta.runtime(), "plc" + i, "second" + i);
                assertEquals(2, meta.statusOf("plc" + i).size());
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"absent, there is no such pod", "other, expected uid"})
    void aPodThatCannotBeFoundIsAnErrorAndNothingIsMade(String which, String words) {
        try (MetaNode meta = MetaNode.started();
                PodNetns netns = PodNetns.create("pod")) {
            meta.inCluster("other", "");
            CniRuntime runtime = meta.runtime();
            String args = MetaNode.args(MetaNode.NAMESPACE, which, "another-uid");
            CniFailure failure = assertThrows(CniFailure.class, () -> runtime.add(meta.attachment(netns, args)));
            assertEquals(11, failure.code());
            assertTrue(
                    failure.msg().contains("pod plant/" + which)
                            && failure.msg().contains(words),
                    failure.msg());
            assertEquals(List.of(), MetaNode.interfaces(netns));
            runtime.del(meta.attachment(netns, args));
            Leftovers.assertNoneOfDelegates(meta.node());
        }
    }

    @Test
    void aStaticPodHasAnotherUidThanItsMirror() {
        try (MetaNode meta = MetaNode.started()) {
            meta.inCluster("plc", Map.of("kubernetes.io/config.source", "file"));
            Pod pod = meta.node()
                    .addPod("pod", meta.runtime(), MetaNode.args(MetaNode.NAMESPACE, "plc", "of-the-kubelet"));
            assertEquals(List.of("master eth0"), meta.statusOf("plc"));
            pod.del();
            Leftovers.assertNoneOfDelegates(meta.node());
        }
    }
}

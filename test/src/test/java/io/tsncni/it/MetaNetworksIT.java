// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.testbed.CniFailure;
import io.tsncni.testbed.CniRuntime;
import io.tsncni.testbed.Pod;
import io.tsncni.testbed.PodNetns;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What pods ask for with their annotations, by real plugins and a witness. */
@RequiresRoot
class MetaNetworksIT {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "second@foo0, second,plant/second",
                "[{\"name\": \"second\", \"interface\": \"foo0\"}, {\"name\": \"second\"},"
                        + " {\"name\": \"second\", \"namespace\": \"plant\"}]",
                "[{\"name\": \"second\", \"interfaceRequest\": \"foo0\"}, {\"name\": \"second\", \"unknown\": 1},"
                        + " {\"name\": \"second\"}]"
            })
    void aNetworkMayBeNamedManyTimesAndOneWithItsOwnNameUsesUpItsNumber(String networks) {
        try (MetaNode meta = MetaNode.started()) {
            meta.api().nad(MetaNode.NAMESPACE, "second", meta.node().bridgeNetwork("second"));
            Pod pod = meta.addPod(meta.runtime(), "plc", networks);
            assertEquals(List.of("eth0", "foo0", "net2", "net3"), MetaNode.interfaces(pod.netns()));
            assertEquals(
                    List.of("master eth0", "plant/second foo0", "plant/second net2", "plant/second net3"),
                    meta.statusOf("plc"));
            pod.runtime().check(pod.attachment());
            pod.del();
            assertEquals(List.of(), MetaNode.interfaces(pod.netns()));
            Leftovers.assertNoneOfDelegates(meta.node());
        }
    }

    @Test
    void theAddressesThatThePodAsksForAreOnItsInterface() {
        try (MetaNode meta = MetaNode.started()) {
            ObjectNode bridge = meta.node().bridgeNetwork("second");
            String address = bridge.at("/ipam/subnet").asText().replace(".0/24", ".77");
            meta.api().nad(MetaNode.NAMESPACE, "second", bridge);
            Pod pod = meta.addPod(
                    meta.runtime(),
                    "plc",
                    "[{\"name\": \"second\", \"mac\": \"02:00:00:00:00:77\", \"ips\": [\"%s\"]}]".formatted(address));
            String shown = pod.netns().exec("ip", "addr", "show", "net1").stdout();
            assertTrue(shown.contains("inet " + address + "/24"), shown);
            assertTrue(shown.contains("link/ether 02:00:00:00:00:77"), shown);
            String first = pod.netns().exec("ip", "addr", "show", "eth0").stdout();
            assertFalse(first.contains("02:00:00:00:00:77") || first.contains(address), first);
            assertEquals(address, meta.status("plc").at("/1/ips/0").asText());
            assertEquals("02:00:00:00:00:77", meta.status("plc").at("/1/mac").asText());
        }
    }

    @Test
    void whatAnElementAsksForReachesThePluginAndNoOther() {
        try (MetaNode meta = MetaNode.started()) {
            ObjectNode asked = Witness.network("asked");
            asked.set(
                    "capabilities",
                    Nodes.json("{\"portMappings\": true, \"bandwidth\": true, \"mac\": true,"
                            + " \"ips\": true, \"infinibandGUID\": false}"));
            asked.putObject("args").putObject("cni").put("keep", 1).put("change", 1);
            meta.api().nad(MetaNode.NAMESPACE, "asked", asked);
            meta.api()
                    .nad(
                            MetaNode.NAMESPACE,
                            "plain",
                            Witness.network("plain").set("capabilities", asked.get("capabilities")));
            ObjectNode conf = meta.meta(meta.master());
            conf.set("runtimeConfig", Nodes.json("{\"portMappings\": [{\"hostPort\": 1, \"containerPort\": 1}]}"));
            Pod pod = meta.addPod(
                    meta.runtime(conf),
                    "plc",
                    """
                    [{"name": "asked", "mac": "02:00:00:00:00:77", "ips": ["192.0.2.7/24", "2001:db8::7/64"],
                      "portMappings": [{"hostPort": 8080, "containerPort": 80, "protocol": "tcp"}],
                      "bandwidth": {"ingressRate": 1000, "ingressBurst": 2000},
                      "infiniband-guid": "24:8a:07:03:00:8d:ae:2e", "cni-args": {"change": 2, "new": {"a": []}}},
                     {"name": "plain"}]
                    """);
            JsonNode first = call(meta, "net1").conf();
            assertEquals("02:00:00:00:00:77", first.at("/runtimeConfig/mac").asText());
            assertEquals(Nodes.json("[\"192.0.2.7/24\", \"2001:db8::7/64\"]"), first.at("/runtimeConfig/ips"));
            assertEquals(
                    8080, first.at("/runtimeConfig/portMappings/0/hostPort").asInt());
            assertEquals(1, first.at("/runtimeConfig/portMappings").size());
            assertEquals(1000, first.at("/runtimeConfig/bandwidth/ingressRate").asInt());
            assertFalse(first.path("runtimeConfig").has("infinibandGUID"));
            assertEquals(Nodes.json("{\"keep\": 1, \"change\": 2, \"new\": {\"a\": []}}"), first.at("/args/cni"));

            JsonNode second = call(meta, "net2").conf();
            assertEquals(
                    Nodes.json("{\"portMappings\": [{\"hostPort\": 1, \"containerPort\": 1}]}"),
                    second.path("runtimeConfig"),
                    "the runtime's own");
            assertFalse(second.has("args"));

            List<String> pairs =
                    Arrays.asList(call(meta, "net1").env().get("CNI_ARGS").split(";"));
            List<String> keys =
                    pairs.stream().map(pair -> pair.replaceAll("=.*", "")).toList();
            assertEquals(keys.stream().distinct().toList(), keys);
            assertTrue(pairs.containsAll(List.of("K8S_POD_NAMESPACE=plant", "K8S_POD_NAME=plc")), pairs.toString());
            assertTrue(
                    pairs.containsAll(List.of("MAC=02:00:00:00:00:77", "IP=192.0.2.7/24,2001:db8::7/64")),
                    pairs.toString());
            assertTrue(
                    keys.containsAll(List.of("K8S_POD_UID", "K8S_POD_INFRA_CONTAINER_ID", "IgnoreUnknown")),
                    pairs.toString());
            assertFalse(call(meta, "net2").env().get("CNI_ARGS").contains("MAC="));
            pod.del();
        }
    }

    private static Witness.Call call(MetaNode meta, String ifName) {
        return meta.witness().calls("ADD").stream()
                .filter(call -> call.ifName().equals(ifName))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aPodCanHaveAnotherDefaultNetworkUnderAnotherName() {
        try (MetaNode meta = MetaNode.started()) {
            meta.api().nad("kube-system", "other", meta.node().bridgeNetwork("other"));
            meta.api().nad(MetaNode.NAMESPACE, "second", meta.node().bridgeNetwork("second"));
            String args = meta.inCluster(
                    "plc", Map.of("v1.multus-cni.io/default-network", "other@front0", MetaNode.NETWORKS, "second"));
            Pod pod = meta.node().addPod("pod", meta.runtime(), args);
            assertEquals(List.of("front0", "net1"), MetaNode.interfaces(pod.netns()));
            assertEquals(List.of("kube-system/other front0", "plant/second net1"), meta.statusOf("plc"));
            assertTrue(meta.status("plc").at("/0/default").asBoolean());
            assertTrue(pod.result().path("interfaces").findValuesAsText("name").contains("front0"));
            pod.del();
            Leftovers.assertNoneOfDelegates(meta.node());
        }
    }

    @Test
    void anEmptyDefaultRouteTakesAllDefaultRoutes() {
        try (MetaNode meta = MetaNode.started()) {
            meta.api().nad(MetaNode.NAMESPACE, "second", meta.node().bridgeNetwork("second"));
            Pod pod = meta.addPod(meta.runtime(), "plc", "[{\"name\": \"second\", \"default-route\": []}]");
            assertEquals("", pod.netns().exec("ip", "route", "show", "default").stdout());
            assertEquals(
                    "", pod.netns().exec("ip", "-6", "route", "show", "default").stdout());
            pod.runtime().check(pod.attachment());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "plant, '', true",
        "default, '', true",
        "office, '', false",
        "office, 'default,office', true",
        "default, office, false"
    })
    void isolatedNamespacesShareOnlyTheGlobalOnes(String namespace, String global, boolean allowed) {
        try (MetaNode meta = MetaNode.started();
                PodNetns netns = PodNetns.create("pod")) {
            meta.api().nad(namespace, "second", Witness.network("second"));
            ObjectNode conf = meta.meta(meta.master()).put("namespaceIsolation", true);
            if (!global.isEmpty()) {
                conf.put("globalNamespaces", global);
            }
            CniRuntime runtime = meta.runtime(conf);
            String args = meta.inCluster("plc", namespace + "/second");
            if (allowed) {
                runtime.add(meta.attachment(netns, args));
                assertEquals(List.of("master eth0", namespace + "/second net1"), meta.statusOf("plc"));
                runtime.del(meta.attachment(netns, args));
            } else {
                CniFailure failure = assertThrows(CniFailure.class, () -> runtime.add(meta.attachment(netns, args)));
                assertTrue(
                        failure.msg()
                                .contains("namespace isolation enabled, annotation violates permission, pod is in"
                                        + " namespace plant but refers to target namespace " + namespace),
                        failure.msg());
                assertEquals(List.of(), MetaNode.interfaces(netns));
            }
            Leftovers.assertNoneOfDelegates(meta.node());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "second,",
                "Second",
                "a/b/c",
                "[{\"name\": \"second\"}, null]",
                "{\"name\": \"second\"}",
                "[{\"name\": \"second\", \"mac\": \"02:00\"}]",
                "[{\"name\": \"second\", \"ips\": [\"10.0.0\"]}]",
                "[{\"name\": \"second\", \"default-route\": [\"10.0.0.1\", \"10.0.0.2\"]}]"
            })
    void aFaultInTheAnnotationFailsAddBeforeAnyPluginRuns(String networks) {
        try (MetaNode meta = MetaNode.started();
                PodNetns netns = PodNetns.create("pod")) {
            meta.api().nad(MetaNode.NAMESPACE, "second", Witness.network("second"));
            String args = meta.inCluster("plc", networks);
            CniRuntime runtime = meta.runtime(meta.meta(Witness.network("master")));
            CniFailure failure = assertThrows(CniFailure.class, () -> runtime.add(meta.attachment(netns, args)));
            assertEquals(7, failure.code(), failure.msg());
            assertTrue(failure.msg().contains(MetaNode.NETWORKS), failure.msg());
            assertEquals(List.of(), meta.witness().calls());
            runtime.del(meta.attachment(netns, args));
            Leftovers.assertNoneOfDelegates(meta.node());
        }
    }
}

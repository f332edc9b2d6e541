// SPDX-License-Identifier: Apache-2.0
package io.tsncni.resolve;

import static io.tsncni.resolve.NetworkSelections.NETWORKS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.cni.CniException;
import io.tsncni.cni.JsonText;
import io.tsncni.kube.NetworkAttachmentDefinition;
import io.tsncni.kube.PodInfo;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class NetworksPropertyTest {
    private static final List<String> PLUGIN = List.of(
            "name",
            "type",
            "plugins",
            "cniVersion",
            "cniVersions",
            "capabilities",
            "args",
            "cni",
            "runtimeConfig",
            "prevResult",
            "ipam",
            "disableCheck",
            "disableGC",
            "delegates",
            "mac",
            "ips",
            "type",
            "plugins",
            "name");
    private static final List<String> META = List.of(
            "type",
            "confDir",
            "binDir",
            "delegates",
            "clusterNetwork",
            "defaultNetworks",
            "namespaceIsolation",
            "globalNamespaces",
            "systemNamespaces",
            "multusNamespace",
            "parallel",
            "runtimeConfig",
            "name",
            "plugins",
            "Delegates",
            "CONFDIR");

    private static final List<String> RIGHT = List.of(
            "{\"type\":\"macvlan\",\"master\":\"eth0\",\"ipam\":{\"type\":\"host-local\"}}",
            "{\"cniVersion\":\"1.0.0\",\"name\":\"lan\",\"plugins\":[{\"type\":\"bridge\",\"capabilities\":"
                    + "{\"ips\":true}},{\"type\":\"tsn\",\"args\":{\"cni\":{\"k\":1}},\"priorityMap\":{\"1\":2}}]}",
            "{\"plugins\":[]}",
            "{\"name\":\"lan\",\"plugins\":[{\"type\":\"tsn\",\"delegates\":[{\"type\":\"a\"}]}]}");

    private final MetaConf conf =
            MetaConf.parse(Json.object("{'type': 'tsn', 'delegates': [{'name': 'a', 'type': 'x'}]}"));

    NetworksPropertyTest() throws CniException {}

    @Provide
    Arbitrary<String> configs() {
        return Choices.arbitrary(60).map(choices -> switch (choices.below(1023)) {
            case 1022 -> GeneratedText.excess(choices);
            default ->
                switch (choices.below(4)) {
                    case 0, 1 -> GeneratedText.mutated(choices, choices.of(RIGHT));
                    case 2 -> GeneratedText.json(choices, 3, PLUGIN);
                    default -> GeneratedText.object(choices, 3, PLUGIN);
                };
        });
    }

    @Property(tries = 30_000)
    void aDefinitionIsRunnableOrRefused(@ForAll("configs") String config) {
        NadSource nads =
                (namespace, name) -> Optional.of(new NetworkAttachmentDefinition(namespace, name, Map.of(), config));
        String annotation = "[{\"name\":\"lan\",\"ips\":[\"10.0.0.5\"],\"cni-args\":{\"k\":1},\"deviceID\":\"d\"}]";
        PodInfo pod = new PodInfo("plant", "pod", "uid", Map.of(NETWORKS, annotation));
        try {
            requireRunnable(Networks.resolve(conf, "eth0", Optional.of(pod), nads));
        } catch (CniException e) {
            assertEquals(7, e.code().number());
            assertTrue(
                    e.getMessage().startsWith("NAD plant/lan: spec.config")
                            || e.getMessage().startsWith("plant/lan: 'tsn'"),
                    e.getMessage());
            assertTrue(e.getMessage().length() < 1000, e.getMessage());
        }
    }

    private static void requireRunnable(NetworkPlan plan) {
        for (Network network : plan.networks()) {
            for (int i = 0; i < network.list().plugins().size(); i++) {
                ObjectNode stdin =
                        network.list().pluginConf(i, "1.0.0", Optional.of(Json.object("{}")), network.capabilityArgs());
                String type = stdin.get("type").textValue();
                assertFalse(type.isEmpty() || type.contains("/") || type.equals("..") || type.contains("\0"), type);
                assertEquals(network.list().name(), stdin.get("name").textValue());
            }
        }
    }

    @Provide
    Arbitrary<String> metaConfs() {
        return Choices.arbitrary(60).map(choices -> {
            String object = GeneratedText.object(choices, 2, META);
            return choices.oneIn(2)
                    ? object
                    : "{\"delegates\":[{\"name\":\"a\",\"type\":\"b\"}],\"x\":" + object + "," + object.substring(1);
        });
    }

    /** 11 for what may still come: a file, a definition. */
    @Property(tries = 5_000)
    void aMetaConfigurationIsRunnableOrRefused(@ForAll("metaConfs") String text) throws Exception {
        ObjectNode conf;
        try {
            conf = JsonText.parseObject("stdin", text);
        } catch (CniException e) {
            return;
        }
        try {
            MetaConf meta = MetaConf.parse(conf);
            requireRunnable(Networks.resolve(
                    meta,
                    "eth0",
                    Optional.of(new PodInfo("plant", "pod", "uid", Map.of())),
                    (namespace, name) -> Optional.empty()));
        } catch (CniException e) {
            assertTrue(Set.of(7, 11).contains(e.code().number()), e.getMessage());
            assertTrue(e.getMessage().length() < 1000, e.getMessage());
        }
    }
}

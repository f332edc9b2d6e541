// SPDX-License-Identifier: Apache-2.0
package io.tsncni.resolve;

import static io.tsncni.resolve.NetworkSelections.NETWORKS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.cni.CniException;
import io.tsncni.cni.InterfaceName;
import io.tsncni.cni.IpText;
import io.tsncni.cni.KubernetesName;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class NetworkSelectionsPropertyTest {
    private static final List<String> KEYS = List.of(
            "name",
            "namespace",
            "interface",
            "interfaceRequest",
            "ips",
            "mac",
            "infiniband-guid",
            "portMappings",
            "bandwidth",
            "deviceID",
            "cni-args",
            "default-route",
            "hostPort",
            "egressRate",
            "Name",
            "IPS");
    private static final List<String> PLAIN =
            List.of("lan,other/wan@net1", "lan", "a@b,c/d", "[null]", "[{}]", "[{\"name\":\"lan\"}]");

    @Provide
    Arbitrary<String> annotations() {
        return Choices.arbitrary(60).map(choices -> switch (choices.below(1023)) {
            case 1022 -> GeneratedText.excess(choices);
            default ->
                switch (choices.below(6)) {
                    case 0 -> String.join(",", choices.listOf(4, () -> GeneratedText.word(choices)));
                    case 1 -> GeneratedText.mutated(choices, choices.of(PLAIN));
                    case 2 -> GeneratedText.json(choices, 3, KEYS);
                    case 3 ->
                        GeneratedText.mutated(
                                choices, GeneratedElement.several(choices).toString());
                    default ->
                        choices.listOf(3, () -> GeneratedText.object(choices, 2, KEYS))
                                .toString();
                };
        });
    }

    @Property(tries = 55_000)
    void anAnnotationIsUnderstoodOrRefusedByItsName(@ForAll("annotations") String text) {
        try {
            for (NetworkSelectionElement element : NetworkSelections.parse(NETWORKS, text, "plant")) {
                assertTrue(KubernetesName.isSubdomain(element.name()));
                assertTrue(KubernetesName.isLabel(element.namespace()));
                assertTrue(InterfaceName.isValid(element.interfaceRequest().orElse("eth0")));
                element.defaultRoute()
                        .orElse(List.of())
                        .forEach(ip -> assertTrue(IpText.parse(ip).isPresent()));
            }
        } catch (CniException e) {
            assertEquals(7, e.code().number());
            assertTrue(e.getMessage().startsWith(NETWORKS), e.getMessage());
            assertTrue(e.getMessage().length() < 1000, e.getMessage());
        }
    }

    @Provide
    Arbitrary<List<ObjectNode>> elements() {
        return Choices.arbitrary(200).map(GeneratedElement::several);
    }

    @Property(tries = 8_000)
    void whatIsRightIsUnderstoodWhole(@ForAll("elements") List<ObjectNode> elements, @ForAll boolean shouted)
            throws CniException, JsonProcessingException {
        String text = (shouted ? elements.stream().map(this::shouted).toList() : elements).toString();
        List<NetworkSelectionElement> read = NetworkSelections.parse(NETWORKS, text, "implied");
        assertEquals(elements.size(), read.size());
        for (int i = 0; i < read.size(); i++) {
            assertEquals(normal(elements.get(i)), normal(GeneratedElement.written(read.get(i), "implied")));
            assertEquals(NETWORKS + "[" + i + "]", read.get(i).path());
        }
    }

    private ObjectNode shouted(ObjectNode element) {
        ObjectNode shouted = element.objectNode();
        for (Map.Entry<String, JsonNode> entry : element.properties()) {
            shouted.set(entry.getKey().toUpperCase(Locale.ROOT), entry.getValue());
        }
        return shouted;
    }

    /** Through text: a number that was read is of the smallest type that holds it. */
    private static JsonNode normal(ObjectNode node) throws JsonProcessingException {
        return Json.MAPPER.readTree(node.toString());
    }

    @Provide
    Arbitrary<String> labels() {
        return Choices.arbitrary(3).map(GeneratedElement::label);
    }

    @Property(tries = 4_000)
    void theShortFormSaysTheSameAsJson(
            @ForAll("labels") String name, @ForAll("labels") String namespace, @ForAll boolean hasInterface)
            throws CniException {
        String item = " " + namespace + "/" + name + (hasInterface ? "@if0 " : "");
        NetworkSelectionElement read =
                NetworkSelections.parse(NETWORKS, name + "," + item, "plant").get(1);
        Optional<String> ifName = hasInterface ? Optional.of("if0") : Optional.empty();
        assertEquals(NetworkSelectionElement.named(NETWORKS + "[1]", namespace, name, ifName), read);
    }
}

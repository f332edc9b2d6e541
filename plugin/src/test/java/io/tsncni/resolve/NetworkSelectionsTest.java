// SPDX-License-Identifier: Apache-2.0
package io.tsncni.resolve;

import static io.tsncni.resolve.NetworkSelections.NETWORKS;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tsncni.cni.CniException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NetworkSelectionsTest {
    private static List<NetworkSelectionElement> parse(String text) throws CniException {
        return NetworkSelections.parse(NETWORKS, text.replace('\'', '"'), "plant");
    }

    private static NetworkSelectionElement one(String keys) throws CniException {
        return parse("[{'name': 'lan', " + keys + "}]").get(0);
    }

    private static String text(List<NetworkSelectionElement> elements) {
        return elements.stream()
                .map(e -> e.namespace() + "/" + e.name()
                        + e.interfaceRequest().map(ifName -> "@" + ifName).orElse(""))
                .collect(Collectors.joining(" "));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
            ``                                  | ``
            lan                                 | plant/lan
            lan,wan                             | plant/lan plant/wan
            ` lan , other/wan `                 | plant/lan other/wan
            lan@foo0,lan                        | plant/lan@foo0 plant/lan
            other/lan@net.1                     | other/lan@net.1
            other / lan @ net1                  | other/lan@net1
            /lan                                | plant/lan
            lan@                                | plant/lan
            0                                   | plant/0
            []                                  | ``
            ` [ ] `                             | ``
            [{'name': 'lan'}, {'name': 'lan'}]  | plant/lan plant/lan
            [{'name': 'a.b-c', 'namespace': 'other'}] | other/a.b-c
            [{'name': 'lan', 'namespace': ''}]  | plant/lan
            [{'name': 'lan', 'namespace': null, 'interface': null}] | plant/lan
            [{'name': 'lan', 'interface': 'a'}] | plant/lan@a
            [{'name': 'lan', 'interfaceRequest': 'b'}] | plant/lan@b
            [{'name': 'lan', 'interfaceRequest': 'b', 'interface': 'a'}] | plant/lan@a
            [{'name': 'lan', 'interfaceRequest': 'b', 'interface': ''}] | plant/lan@b
            [{'Name': 'lan', 'NAMESPACE': 'other'}] | other/lan
            [{'NAME': 'no', 'name': 'lan', 'Name': 'no'}] | plant/lan
            [{'name': 'lan', 'ipam-claim-reference': 'x', 'future': {}}] | plant/lan
            """)
    void bothFormsNameNetworks(String annotation, String networks) throws CniException {
        assertEquals(networks, text(parse(annotation)));
    }

    @Test
    void anElementInJsonSaysWhatItsPluginIsToGet() throws CniException {
        NetworkSelectionElement element = parse("[{'name': 'lan', 'ips': ['10.0.0.5/24', 'fd00::5'],"
                        + " 'mac': '02:00:00:00:00:07', 'infiniband-guid': 'c2:11:22:33:44:55:66:77',"
                        + " 'deviceID': '0000:03:02.3', 'cni-args': {'a': {'b': [1]}}, 'default-route': ['10.0.0.1'],"
                        + " 'portMappings': [{'hostPort': 80, 'containerPort': 8080, 'protocol': 'tcp',"
                        + " 'hostIP': '10.9.9.9', 'future': 1}, {}], 'bandwidth': {'ingressRate': 9000000000}}]")
                .get(0);
        assertEquals("k8s.v1.cni.cncf.io/networks[0]", element.path());
        assertEquals(Optional.of(List.of("10.0.0.5/24", "fd00::5")), element.ips());
        assertEquals(Optional.of("02:00:00:00:00:07"), element.mac());
        assertEquals(Optional.of("c2:11:22:33:44:55:66:77"), element.infinibandGuid());
        assertEquals(Optional.of("0000:03:02.3"), element.deviceId());
        assertEquals("{\"a\":{\"b\":[1]}}", element.cniArgs().orElseThrow().toString());
        assertEquals(Optional.of(List.of("10.0.0.1")), element.defaultRoute());
        assertEquals(
                "[{\"hostPort\":80,\"containerPort\":8080,\"protocol\":\"tcp\",\"hostIP\":\"10.9.9.9\"},"
                        + "{\"hostPort\":0,\"containerPort\":0}]",
                element.portMappings().orElseThrow().toString());
        assertEquals(
                "{\"ingressRate\":9000000000,\"ingressBurst\":0,\"egressRate\":0,\"egressBurst\":0}",
                element.bandwidth().orElseThrow().toString());
    }

    @Test
    void nothingAndAnEmptyListAreTwoThings() throws CniException {
        NetworkSelectionElement nothing = one("'ips': null, 'mac': '', 'cni-args': null, 'default-route': null");
        assertEquals(NetworkSelectionElement.named(NETWORKS + "[0]", "plant", "lan", Optional.empty()), nothing);
        NetworkSelectionElement empty = one("'ips': [], 'default-route': [], 'portMappings': []");
        assertEquals(Optional.of(List.of()), empty.ips());
        assertEquals(Optional.of(List.of()), empty.defaultRoute());
        assertEquals("[]", empty.portMappings().orElseThrow().toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "02:00:00:00:00:07",
                "02-00-00-00-00-AB",
                "0200.0000.00ab",
                "02:00:00:00:00:00:00:07",
                "02-00-00-00-00-00-00-07",
                "0200.0000.0000.0007",
                "02:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:07",
                "02-00-00-00-00-00-00-00-00-00-00-00-00-00-00-00-00-00-00-07",
                "0200.0000.0000.0000.0000.0000.0000.0000.0000.0007",
            })
    void aHardwareAddressHasSixEightOrTwentyBytesInThreeNotations(String mac) throws CniException {
        assertEquals(Optional.of(mac), one("'mac': '" + mac + "'").mac());
        assertEquals(Optional.of(mac), one("'infiniband-guid': '" + mac + "'").infinibandGuid());
    }

    @Test
    void aPodCanHave256Networks() throws CniException {
        assertEquals(256, parse("lan,".repeat(255) + "lan").size());
        assertEquals(
                256,
                parse("[" + "{'name': 'lan'},".repeat(255) + "{'name': 'lan'}]").size());
    }
}

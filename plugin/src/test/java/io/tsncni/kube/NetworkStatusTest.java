// SPDX-License-Identifier: Apache-2.0
package io.tsncni.kube;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.cni.CapturedResults;
import io.tsncni.cni.CniException;
import io.tsncni.cni.CniResult;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NetworkStatusTest {
    private static final String TWO_IN_POD =
            """
            {"interfaces":[{"name":"h"},{"name":"a","sandbox":"/n"},{"name":"i"},{"name":"b","sandbox":"/n"}],"ips":[%s]}""";

    private static NetworkStatus.Attached attached(String name, String result, boolean isDefault) throws CniException {
        return new NetworkStatus.Attached(
                name, CniResult.parse(result.getBytes(StandardCharsets.UTF_8)), isDefault, Optional.empty());
    }

    @Test
    void aDefaultNetworkAndASecondaryOne() throws CniException {
        assertEquals(
                """
                [{
                    "name": "cbr0",
                    "interface": "eth0",
                    "ips": [
                        "10.9.0.2",
                        "fd09::2"
                    ],
                    "mac": "2e:8c:79:f8:68:9f",
                    "default": true,
                    "dns": {
                        "nameservers": [
                            "10.9.0.1"
                        ],
                        "search": [
                            "plant.example"
                        ]
                    },
                    "gateway": [
                        "fd09::1"
                    ]
                },{
                    "name": "plant/fieldbus",
                    "interface": "net1",
                    "mac": "5e:a9:bd:1c:4f:4d",
                    "dns": {}
                }]""",
                NetworkStatus.of(List.of(
                        attached("cbr0", CapturedResults.BRIDGE_1_0_0, true),
                        attached("plant/fieldbus", CapturedResults.LAYER_2_0_4_0, false))));
    }

    @Test
    void everyKeyInItsPlace() throws CniException, IOException {
        CniResult result = CniResult.parse(
                """
                {"cniVersion":"1.1.0","interfaces":[{"name":"net1","sandbox":"/n","mtu":9000,"mac":"02:00:00:00:00:01"}],
                 "ips":[{"address":"FD09:0:0::0:2/64"}],
                 "routes":[{"dst":"::/0","gw":"fd09:0::1"},{"dst":"10.0.0.0/8","gw":"10.9.0.7"},{"dst":"0.0.0.0/0"},
                  {"dst":"0.0.0.0/0","gw":"10.9.0.1"}],
                 "dns":{"options":["ndots:5"],"search":["a","b"],"domain":"d","nameservers":["::1"],"other":1}}"""
                        .getBytes(StandardCharsets.UTF_8));
        ObjectNode device = (ObjectNode)
                new ObjectMapper()
                        .readTree(
                                """
                        {"pci":{"pf-pci-address":"0000:01:00.0","pci-address":"0000:01:02.3","vhost-net":"","other":"x"},
                         "memif":{},"other":{"a":"b"},"version":"1.1.0","type":"pci"}""");
        assertEquals(
                """
                [{
                    "name": "plant/sriov",
                    "interface": "net1",
                    "ips": [
                        "fd09::2"
                    ],
                    "mac": "02:00:00:00:00:01",
                    "mtu": 9000,
                    "default": true,
                    "dns": {
                        "nameservers": [
                            "::1"
                        ],
                        "domain": "d",
                        "search": [
                            "a",
                            "b"
                        ],
                        "options": [
                            "ndots:5"
                        ]
                    },
                    "device-info": {
                        "type": "pci",
                        "version": "1.1.0",
                        "pci": {
                            "pci-address": "0000:01:02.3",
                            "pf-pci-address": "0000:01:00.0"
                        },
                        "memif": {}
                    },
                    "gateway": [
                        "fd09::1",
                        "10.9.0.1"
                    ]
                }]""",
                NetworkStatus.of(
                        List.of(new NetworkStatus.Attached("plant/sriov", result, true, Optional.of(device)))));
    }

    /** In turn: an empty result, one of 0.2.0, interfaces of the host only. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                CapturedResults.BRIDGE_0_2_0,
                "{\"interfaces\":[{\"name\":\"a\"},{\"name\":\"b\"}],\"ips\":[{\"address\":\"10.9.0.2/24\"}]}"
            })
    void aNetworkWithoutAnInterfaceInThePodIsMissing(String result) throws CniException {
        assertEquals("[]", NetworkStatus.of(List.of(attached("cbr0", result, true))));
    }

    @Test
    void noNetworksAreAnEmptyList() {
        assertEquals("[]", NetworkStatus.of(List.of()));
    }

    /** Multus does not skip it as it skips one of several. */
    @Test
    void theOnlyInterfaceIsNotNamedIfItIsTheHosts() throws CniException {
        String result =
                """
                {"interfaces":[{"name":"h","mac":"02:00:00:00:00:01","mtu":9000}],"ips":[{"address":"10.9.0.2/24"}]}""";
        assertEquals(
                """
                [{
                    "name": "cbr0",
                    "ips": [
                        "10.9.0.2"
                    ],
                    "dns": {}
                }]""",
                NetworkStatus.of(List.of(attached("cbr0", result, false))));
    }

    /** Of the pod's interfaces "a", with index 1, and "b", with index 3; 0 and 2 are the host's. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            3:1::1 1:1::2 3:1::3         | a [1::2]; b [1::1, 1::3]
            -:1::1 1:1::2                | a [1::2]; b [1::1]
            0:1::1 2:1::2                | a []; b []
            """)
    void eachAddressGoesToItsInterfaceAndToTheLastOneWithoutIndex(String ips, String expected) throws Exception {
        assertEquals(expected, entries(ips, false));
    }

    /** With "!" for a gateway in, and for the default interface out. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            ''                    | a! []; b []
            1:1::1 3:1::2         | a! [1::1]; b [1::2]
            1:1::1 3:1::2!        | a [1::1]; b! [1::2]
            3:1::1! 1:1::2!       | a [1::2]; b! [1::1]
            -:1::1! 3:1::2!       | a []; b! [1::1, 1::2]
            -:1::1!               | a! []; b [1::1]
            0:1::1!               | a []; b []
            """)
    void theDefaultIsTheInterfaceWithAGatewayOrTheFirst(String ips, String expected) throws Exception {
        assertEquals(expected, entries(ips, true));
        assertEquals(expected.replace("!", ""), entries(ips, false));
    }

    private static String entries(String ips, boolean isDefault) throws CniException, IOException {
        StringBuilder list = new StringBuilder();
        for (String ip : ips.isEmpty() ? new String[0] : ips.split(" ")) {
            list.append(list.isEmpty() ? "" : ",")
                    .append("{\"address\":\"")
                    .append(ip.replace("!", "").substring(2));
            list.append("/64\"").append(ip.startsWith("-") ? "" : ",\"interface\":" + ip.charAt(0));
            list.append(ip.endsWith("!") ? ",\"gateway\":\"1::ff\"}" : "}");
        }
        String status = NetworkStatus.of(List.of(attached("cbr0", TWO_IN_POD.formatted(list), isDefault)));
        StringBuilder entries = new StringBuilder();
        new ObjectMapper().readTree(status).forEach(entry -> entries.append(entries.isEmpty() ? "" : "; ")
                .append(entry.path("interface").textValue())
                .append(entry.path("default").asBoolean() ? "! " : " ")
                .append(
                        entry.has("ips")
                                ? entry.get("ips").toString().replace("\"", "").replace(",", ", ")
                                : "[]"));
        return entries.toString();
    }

    /** Go escapes for HTML as well; a lone surrogate is no text. */
    @Test
    void textsAreEscapedAsGoDoes() throws CniException {
        String hostile = "\"\\</script>&'\b\f\n\r\t\0\u001f\u007f\u2028\u2029ü€\uD83D\uDE00\uD800/";
        String result = "{\"interfaces\":[{\"name\":\"net1\",\"sandbox\":\"/n\"}]}";
        assertEquals(
                "[{\n    \"name\": \"\\\"\\\\\\u003c/script\\u003e\\u0026'\\b\\f\\n\\r\\t\\u0000\\u001f\u007f"
                        + "\\u2028\\u2029ü€\uD83D\uDE00\uFFFD/\",\n    \"interface\": \"net1\",\n    \"dns\": {}\n}]",
                NetworkStatus.of(List.of(attached(hostile, result, false))));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            {}                    | {}
            []                    | []
            {"<":[[],{},[{}]]}    | {~    "\\u003c": [~        [],~        {},~        [~            {}~        ]~    ]~}
            [1,true,null,-1.5]    | [~    1,~    true,~    null,~    -1.5~]
            """)
    void emptyListsAndObjectsStayOnTheirLine(String json, String indented) throws IOException {
        assertEquals(indented.replace("~", "\n"), GoJson.indented(new ObjectMapper().readTree(json)));
    }
}

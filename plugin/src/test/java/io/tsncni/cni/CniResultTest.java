// SPDX-License-Identifier: Apache-2.0
package io.tsncni.cni;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.InetAddress;
import java.net.StandardProtocolFamily;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class CniResultTest {
    private static final List<CniResult.Ip> BRIDGE_IPS =
            List.of(ip(OptionalInt.of(2), "10.9.0.2/24", "10.9.0.1"), ip(OptionalInt.of(2), "fd09::2/64", "fd09::1"));
    private static final CniResult.Route V4 = new CniResult.Route(cidr("0.0.0.0/0"), Optional.empty());
    private static final CniResult.Route V6 = new CniResult.Route(cidr("::/0"), Optional.of(address("fd09::1")));
    private static final CniResult.Route PLANT =
            new CniResult.Route(cidr("192.168.0.0/16"), Optional.of(address("10.9.0.7")));
    private static final Map<CniVersion, String> BRIDGE = Map.of(
            CniVersion.V0_3_1, CapturedResults.BRIDGE_0_3_1,
            CniVersion.V0_4_0, CapturedResults.BRIDGE_0_4_0,
            CniVersion.V1_0_0, CapturedResults.BRIDGE_1_0_0);

    private static CniResult parse(String stdout) throws CniException {
        return CniResult.parse(stdout.getBytes(StandardCharsets.UTF_8));
    }

    private static Cidr cidr(String text) {
        return Cidr.parse(text).orElseThrow();
    }

    private static InetAddress address(String text) {
        return IpText.parse(text).orElseThrow();
    }

    private static CniResult.Ip ip(OptionalInt index, String address, String gateway) {
        return new CniResult.Ip(index, cidr(address), Optional.of(address(gateway)));
    }

    static Stream<Arguments> fromAndTo() {
        return Stream.of(
                        CapturedResults.BRIDGE_0_3_0,
                        CapturedResults.BRIDGE_0_3_1,
                        CapturedResults.BRIDGE_0_4_0,
                        CapturedResults.BRIDGE_1_0_0)
                .flatMap(from -> BRIDGE.keySet().stream().map(to -> Arguments.of(from, to)));
    }

    @ParameterizedTest
    @MethodSource("fromAndTo")
    void aResultIsWrittenAsThePluginItselfWritesThatVersion(String from, CniVersion to) throws CniException {
        assertEquals(
                withoutRandomNames(BRIDGE.get(to)),
                withoutRandomNames(parse(from).toJson(to).toString()));
    }

    private static String withoutRandomNames(String result) {
        return result.replaceAll("veth[0-9a-f]{8}", "veth").replaceAll("([0-9a-f]{2}:){5}[0-9a-f]{2}", "mac");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                CapturedResults.BRIDGE_0_3_0,
                CapturedResults.BRIDGE_0_3_1,
                CapturedResults.BRIDGE_0_4_0,
                CapturedResults.BRIDGE_1_0_0
            })
    void whatAPluginMadeReadsTheSameFromEveryVersion(String captured) throws CniException {
        CniResult result = parse(captured);
        assertEquals(
                List.of("br0 of ''", "veth of ''", "eth0 of '/run/netns/pod'"),
                result.interfaces().stream()
                        .map(i -> withoutRandomNames(i.name()) + " of '" + i.sandbox() + "'")
                        .toList());
        assertEquals(BRIDGE_IPS, result.ips());
        assertEquals(List.of(V4, V6, PLANT), result.routes());
        assertEquals(
                "{\"nameservers\":[\"10.9.0.1\"],\"search\":[\"plant.example\"]}",
                result.dns().toString());
    }

    /** As libcni converts it: the routes of IPv4 come first, and nobody knows the interface. */
    @ParameterizedTest
    @ValueSource(strings = {CapturedResults.BRIDGE_WITHOUT_VERSION, CapturedResults.BRIDGE_0_2_0})
    void theFirstVersionsHadOneAddressOfEachFamilyAndNoInterface(String captured) throws CniException {
        CniResult result = parse(captured);
        assertEquals(List.of(), result.interfaces());
        assertEquals(
                List.of(
                        ip(OptionalInt.empty(), "10.9.0.2/24", "10.9.0.1"),
                        ip(OptionalInt.empty(), "fd09::2/64", "fd09::1")),
                result.ips());
        assertEquals(List.of(V4, PLANT, V6), result.routes());
        assertEquals(
                """
                {"cniVersion":"0.4.0",\
                "ips":[{"version":"4","address":"10.9.0.2/24","gateway":"10.9.0.1"},\
                {"version":"6","address":"fd09::2/64","gateway":"fd09::1"}],\
                "routes":[{"dst":"0.0.0.0/0"},{"dst":"192.168.0.0/16","gw":"10.9.0.7"},{"dst":"::/0","gw":"fd09::1"}],\
                "dns":{"nameservers":["10.9.0.1"],"search":["plant.example"]}}""",
                result.toJson(CniVersion.V0_4_0).toString());
    }

    /** Plugins of 2015, and shell scripts ever since. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            {"ip6":{"ip":"fd09::2/64"}}                                     | 1
            {"cniVersion":"","ip4":{"ip":"10.9.0.2/24","routes":null}}      | 1
            {"ip4":null,"ip6":{"ip":"fd09::2/64"},"dns":null}               | 1
            {"cniVersion":"0.1.0"}                                          | 0
            {"cniVersion":"0.2.0","ips":[{"address":"10.9.0.2/24"}]}        | 0
            {"ips":[{"address":"10.9.0.2/24"}]}                             | 1
            {"ip4":"of our own","ips":[{"address":"10.9.0.2/24"}]}          | 1
            {"cniVersion":"0.3.1","ip4":{"ip":"10.9.0.2/24"}}               | 0
            {}                                                              | 0
            """)
    void theShapeIsOfTheVersionOrOfWhatIsThere(String result, int ips) throws CniException {
        assertEquals(ips, parse(result).ips().size());
    }

    @Test
    void otherPluginsReadAsWell() throws CniException {
        assertEquals(
                List.of(new CniResult.Interface("eth0", "96:d4:d7:24:04:c8", 0, "/run/netns/pod")),
                parse(CapturedResults.MACVLAN_1_0_0).interfaces());
        assertEquals(
                OptionalInt.of(1), parse(CapturedResults.PTP_0_4_0).ips().get(0).interfaceIndex());
        assertEquals(
                CapturedResults.LAYER_2_0_4_0,
                parse(CapturedResults.LAYER_2_0_4_0).toJson(CniVersion.V0_4_0).toString());
    }

    private static final String OF_1_1_0 =
            """
            {"cniVersion":"1.1.0",\
            "interfaces":[{"name":"net1","mtu":9000,"socketPath":"/s","pciID":"0000:01:02.3","sandbox":"/n","own":1}],\
            "ips":[{"address":"10.9.0.2/24","interface":0,"own":2}],\
            "routes":[{"dst":"10.0.0.0/8","mtu":1400,"advmss":1360,"priority":7,"table":100,"scope":253,"own":3}],\
            "dns":{"own":4},"own":{"5":[6]}}""";

    @Test
    void keysOf110AreWrittenIn110AndOthersAlways() throws CniException {
        CniResult result = parse(OF_1_1_0);
        assertEquals(
                List.of(new CniResult.Interface("net1", "", 9000, "/n")),
                result.interfaces(),
                "mtu came with 1.1.0, and is read");
        assertEquals(OF_1_1_0, result.toJson(CniVersion.V1_1_0).toString());
        assertEquals(
                """
                {"cniVersion":"1.0.0","interfaces":[{"name":"net1","sandbox":"/n","own":1}],\
                "ips":[{"address":"10.9.0.2/24","interface":0,"own":2}],\
                "routes":[{"dst":"10.0.0.0/8","own":3}],"dns":{"own":4},"own":{"5":[6]}}""",
                result.toJson(CniVersion.V1_0_0).toString());
        assertEquals(
                """
                {"cniVersion":"0.3.1","interfaces":[{"name":"net1","sandbox":"/n","own":1}],\
                "ips":[{"version":"4","address":"10.9.0.2/24","interface":0,"own":2}],\
                "routes":[{"dst":"10.0.0.0/8","own":3}],"dns":{"own":4},"own":{"5":[6]}}""",
                result.toJson(CniVersion.V0_3_1).toString());
        assertEquals(OF_1_1_0, result.toJson(CniVersion.V1_1_0).toString(), "writing changes nothing");
    }

    @Test
    void unknownKeysOfTheFirstVersionsStayToo() throws CniException {
        String result =
                """
                {"own":1,"ip4":{"own":2,"ip":"10.9.0.2/24","routes":[{"own":3,"dst":"10.0.0.0/8"}]},"cniVersion":"0.2.0"}""";
        assertEquals(
                """
                {"cniVersion":"1.0.0","ips":[{"address":"10.9.0.2/24","own":2}],\
                "routes":[{"own":3,"dst":"10.0.0.0/8"}],"own":1}""",
                parse(result).toJson(CniVersion.V1_0_0).toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.1.1", "1.2.0", "1.10.0"})
    void aVersion1ThatIsYetToComeIsReadAsFarAsWeKnowIt(String version) throws CniException {
        assertEquals(
                9000,
                parse(OF_1_1_0.replace("1.1.0", version)).interfaces().get(0).mtu());
    }

    @ParameterizedTest
    @EnumSource(CniVersion.class)
    void theVersionComesFirstAndIsTheOneAskedFor(CniVersion version) throws CniException {
        String json =
                parse("{\"dns\":{},\"cniVersion\":\"0.3.0\"}").toJson(version).toString();
        assertEquals("{\"cniVersion\":\"" + version + "\",\"dns\":{}}", json);
    }

    @Test
    void nullsAndEmptyTextsAreNothing() throws CniException {
        CniResult result = parse(
                """
                {"cniVersion":null,"interfaces":null,"routes":null,"dns":null,\
                "ips":[{"interface":null,"address":"10.9.0.2/24","gateway":""}]}""");
        assertEquals(
                List.of(new CniResult.Ip(OptionalInt.empty(), cidr("10.9.0.2/24"), Optional.empty())), result.ips());
        assertEquals("{}", result.dns().toString());
        assertEquals(
                List.of("cniVersion", "ips"),
                result.toJson(CniVersion.V1_0_0).properties().stream()
                        .map(Map.Entry::getKey)
                        .toList());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            textBlock =
                    """
            INET, INET6 | 10.9.0.9            | [192.168.0.0/16 10.9.0.7, 0.0.0.0/0 10.9.0.9]
            INET, INET6 | fd09::9, 10.9.0.9   | [192.168.0.0/16 10.9.0.7, ::/0 fd09::9, 0.0.0.0/0 10.9.0.9]
            INET, INET6 | ''                  | [192.168.0.0/16 10.9.0.7]
            INET        | ''                  | [::/0 fd09::1, 192.168.0.0/16 10.9.0.7]
            INET6       | ''                  | [0.0.0.0/0 -, 192.168.0.0/16 10.9.0.7]
            ''          | ''                  | [0.0.0.0/0 -, ::/0 fd09::1, 192.168.0.0/16 10.9.0.7]
            ''          | fd09::1             | [0.0.0.0/0 -, ::/0 fd09::1, 192.168.0.0/16 10.9.0.7]
            INET6       | fd09::1             | [0.0.0.0/0 -, 192.168.0.0/16 10.9.0.7, ::/0 fd09::1]
            """)
    void defaultRoutesGoByFamilyAndComeByGateway(String families, String gateways, String routes) throws CniException {
        EnumSet<StandardProtocolFamily> without = EnumSet.noneOf(StandardProtocolFamily.class);
        split(families).map(StandardProtocolFamily::valueOf).forEach(without::add);
        CniResult before = parse(CapturedResults.BRIDGE_0_4_0);
        CniResult after = before.withDefaultRoutes(
                without, split(gateways).map(CniResultTest::address).toList());

        assertEquals(routes, shown(after));
        // The JSON says the same as the list.
        assertEquals(routes, shown(CniResult.parse(after.toJson(CniVersion.V1_1_0))));
        assertEquals(before.ips(), after.ips());
        assertEquals(parse(CapturedResults.BRIDGE_0_4_0), before, "the value itself has not changed");
    }

    private static Stream<String> split(String list) {
        return Stream.of(list.split(", ")).filter(text -> !text.isEmpty());
    }

    private static String shown(CniResult result) {
        return result.routes().stream()
                .map(route -> route.dst() + " " + route.gw().map(IpText::of).orElse("-"))
                .toList()
                .toString();
    }

    @Test
    void whoMadeNothingAnswersWithTheInterfaceThatIsThere() throws CniException {
        CniResult result = CniResult.ofInterface("eth0", "02:00:00:00:00:01", "/run/netns/pod");
        assertEquals(
                List.of(new CniResult.Interface("eth0", "02:00:00:00:00:01", 0, "/run/netns/pod")),
                result.interfaces());
        assertEquals(
                "{\"cniVersion\":\"0.4.0\",\"interfaces\":"
                        + "[{\"name\":\"eth0\",\"mac\":\"02:00:00:00:00:01\",\"sandbox\":\"/run/netns/pod\"}]}",
                result.toJson(CniVersion.V0_4_0).toString());
        assertEquals(CniResult.parse(result.toJson(CniVersion.V1_1_0)), result);
        assertEquals(
                "[{\"name\":\"wg0\",\"sandbox\":\"/n\"}]",
                CniResult.ofInterface("wg0", "", "/n")
                        .toJson(CniVersion.V1_0_0)
                        .get("interfaces")
                        .toString(),
                "no address, no key");
    }

    @Test
    void whatIsHandedOutIsACopy() throws CniException {
        ObjectNode json = parse(OF_1_1_0).toJson(CniVersion.V1_1_0);
        CniResult result = CniResult.parse(json);
        json.put("own", "changed");
        result.dns().put("own", "changed");
        ((ObjectNode) result.toJson(CniVersion.V1_1_0).at("/ips/0")).put("own", "changed");
        assertEquals(parse(OF_1_1_0), result);
        assertNotEquals(CniResult.parse(json), result);
    }
}

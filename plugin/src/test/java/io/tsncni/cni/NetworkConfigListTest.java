// SPDX-License-Identifier: Apache-2.0
package io.tsncni.cni;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NetworkConfigListTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private static ObjectNode json(String text) {
        try {
            return (ObjectNode) MAPPER.readTree(text.replace('\'', '"'));
        } catch (JsonProcessingException e) {
            throw new AssertionError(text, e);
        }
    }

    private static NetworkConfigList parse(String text) throws CniException {
        return NetworkConfigList.parse("delegates[1]", json(text), Optional.empty());
    }

    @Test
    void aConfigurationWithATypeIsANetworkOfOnePlugin() throws CniException {
        NetworkConfigList network = parse(
                "{'cniVersion': '0.3.1', 'name': 'lan', 'type': 'macvlan', 'master': 'eth0', 'disableCheck': true,"
                        + " 'plugins': 'not looked at'}");
        assertEquals("lan", network.name());
        assertEquals(Optional.of("0.3.1"), network.cniVersion());
        assertEquals(1, network.plugins().size());
        assertEquals("eth0", network.plugins().get(0).get("master").asText());
        assertFalse(network.disableCheck(), "a key of conflists");
    }

    @Test
    void aListHasItsPluginsInTheirOrder() throws CniException {
        NetworkConfigList network = parse("{'cniVersion': '1.0.0', 'name': 'lan', 'type': '', 'disableCheck': true,"
                + " 'disableGC': 'True', 'plugins': [{'type': 'macvlan'}, {'type': 'tuning'}, {'type': 'tsn'}]}");
        assertEquals(
                "[macvlan, tuning, tsn]",
                network.plugins().stream()
                        .map(plugin -> plugin.get("type").asText())
                        .toList()
                        .toString());
        assertTrue(network.disableCheck());
        assertTrue(network.disableGC());
        assertFalse(parse("{'name': 'n', 'plugins': [{'type': 'a'}], 'disableGC': 'false'}")
                .disableGC());
        assertFalse(parse("{'name': 'n', 'plugins': [{'type': 'a'}]}").disableCheck());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
            {'plugins': [{'type': 'a'}], 'name': 'own'}             | own
            {'plugins': [{'type': 'a'}]}                            | from-the-nad
            {'type': 'a', 'name': ''}                               | from-the-nad
            {'type': 'a', 'name': null}                             | from-the-nad
            """)
    void aNetworkWithoutANameGetsTheGivenOne(String text, String name) throws CniException {
        NetworkConfigList network = NetworkConfigList.parse("NAD", json(text), Optional.of("from-the-nad"));
        assertEquals(name, network.name());
        assertEquals(name, network.raw().get("name").asText(), "the record has to keep it");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
            {}                                                      | none
            {'cniVersion': ''}                                      | none
            {'cniVersion': '0.4.0', 'cniVersions': ['1.0.0']}       | 0.4.0
            {'cniVersions': ['1.0.0', '0.4.0', '9.0.0', 7, null]}   | 1.0.0
            {'cniVersions': ['1.1.0', '0.4.0']}                     | 1.1.0
            {'cniVersions': ['9.0.0']}                              | none
            {'cniVersions': 'all'}                                  | none
            """)
    void theVersionIsTheOneSaidOrTheNewestOffered(String keys, String version) throws CniException {
        ObjectNode conf = json(keys);
        conf.put("name", "n").putArray("plugins").addObject().put("type", "a");
        assertEquals(
                version,
                NetworkConfigList.parse("x", conf, Optional.empty())
                        .cniVersion()
                        .orElse("none"));
    }

    /** The configuration, the path of the key after {@code delegates[1]}, and what the message says. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
            {}                                          | .name              | required, and not there
            {'name': ''}                                | .name              | required, and not there
            {'name': 5, 'type': 'a'}                    | .name              | expected a string, got the number 5
            {'name': '../a', 'type': 'a'}               | .name              | got the string "../a"
            {'name': 'a\\u0000', 'type': 'a'}           | .name              | got the string "a\\u0000"
            {'name': 'n'}                               | ``                 | has neither a 'type'
            {'name': 'n', 'type': null}                 | ``                 | has neither a 'type'
            {'name': 'n', 'type': 5}                    | .type              | expected a string, got the number 5
            {'name': 'n', 'type': []}                   | .type              | expected a string, got the array []
            {'name': 'n', 'type': 'a', 'cniVersion': 1} | .cniVersion        | expected a string, got the number 1
            {'name': 'n', 'plugins': null}              | .plugins           | expected a list of plugin configurations, got the null
            {'name': 'n', 'plugins': {}}                | .plugins           | expected a list of plugin configurations, got the object {}
            {'name': 'n', 'plugins': []}                | .plugins           | an empty list
            {'name': 'n', 'plugins': [null]}            | .plugins[0]        | expected a plugin configuration, an object, got the null
            {'name': 'n', 'plugins': [{'type': 'a'}, 'tsn']} | .plugins[1]   | an object, got the string "tsn"
            {'name': 'n', 'plugins': [{'type': 'a'}, []]}  | .plugins[1]     | an object, got the array []
            {'name': 'n', 'plugins': [{}]}              | .plugins[0].type   | required, and not there
            {'name': 'n', 'plugins': [{'type': ''}]}    | .plugins[0].type   | required, and not there
            {'name': 'n', 'plugins': [{'type': 5}]}     | .plugins[0].type   | expected a string, got the number 5
            {'name': 'n', 'type': '../../tmp/evil'}     | .type              | got the string "../../tmp/evil"
            {'name': 'n', 'type': '/bin/sh'}            | .type              | got the string "/bin/sh"
            {'name': 'n', 'type': '..'}                 | .type              | got the string ".."
            {'name': 'n', 'type': '.'}                  | .type              | got the string "."
            {'name': 'n', 'type': 'a\\u0000b'}          | .type              | got the string "a\\u0000b"
            {'name': 'n', 'plugins': [{'type': 'a\\n'}]} | .plugins[0].type  | got the string "a\\n"
            {'name': 'n', 'type': 'a', 'args': 'x'}     | .args              | expected an object, got the string "x"
            {'name': 'n', 'type': 'a', 'args': {'cni': []}} | .args.cni      | expected an object, got the array []
            {'name': 'n', 'type': 'a', 'capabilities': ['ips']} | .capabilities | expected an object, got the array
            {'name': 'n', 'type': 'a', 'capabilities': {'ips': 'true'}} | .capabilities | expected true or false for each
            {'name': 'n', 'plugins': [{'type': 'a'}], 'disableCheck': 1} | .disableCheck | expected true or false, got the number 1
            {'name': 'n', 'plugins': [{'type': 'a'}], 'disableGC': 'yes'} | .disableGC | expected true or false, got the string "yes"
            """)
    void aBadConfigurationIsRefusedWithThePathOfItsKey(String text, String path, String problem) {
        CniException refusal = assertThrows(CniException.class, () -> parse(text));
        assertEquals(7, refusal.code().number());
        assertTrue(refusal.getMessage().startsWith("delegates[1]" + path + ": "), refusal.getMessage());
        assertTrue(refusal.getMessage().contains(problem), refusal.getMessage());
    }

    @Test
    void aPluginsNameFitsAFileName() throws CniException {
        assertEquals(
                1,
                parse("{'name': 'n', 'type': '" + "ü".repeat(127) + "'}")
                        .plugins()
                        .size());
        assertThrows(CniException.class, () -> parse("{'name': 'n', 'type': '" + "ü".repeat(128) + "'}"));
    }

    @Test
    void everyPluginGetsTheNamesOfItsNetworkAndTheResultSoFar() throws CniException {
        NetworkConfigList network = parse("{'cniVersion': '1.0.0', 'name': 'lan', 'plugins': ["
                + "{'type': 'a', 'name': 'x', 'cniVersion': '0.1.0', 'prevResult': {'stale': 1}, 'ipam': {}},"
                + "{'type': 'b'}]}");
        assertEquals(
                json("{'type': 'a', 'name': 'lan', 'cniVersion': '1.0.0', 'ipam': {}}"),
                network.pluginConf(0, "1.0.0", Optional.empty(), json("{}")));
        assertEquals(
                json("{'type': 'b', 'name': 'lan', 'cniVersion': '0.4.0', 'prevResult': {'ips': []}}"),
                network.pluginConf(1, "0.4.0", Optional.of(json("{'ips': []}")), json("{'ips': ['10.0.0.1']}")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
            {}                                       | {}
            {'capabilities': null}                   | {}
            {'capabilities': {}}                     | {}
            {'capabilities': {'mac': true}}          | {'mac': '02:00:00:00:00:07'}
            {'capabilities': {'mac': true, 'ips': true, 'dns': true}} | {'mac': '02:00:00:00:00:07', 'ips': ['10.0.0.1']}
            {'capabilities': {'mac': false, 'ips': null}} | {}
            {'capabilities': {'bandwidth': true}}    | {}
            {'capabilities': {'mac': true}, 'runtimeConfig': {'x': 1}} | {'mac': '02:00:00:00:00:07'}
            {'runtimeConfig': {'x': 1}}              | {'x': 1}
            """)
    void aPluginGetsTheCapabilitiesThatItAsksForAndThatAreThere(String keys, String runtimeConfig) throws CniException {
        ObjectNode conf = json(keys).put("name", "n").put("type", "a");
        ObjectNode handed = NetworkConfigList.parse("x", conf, Optional.empty())
                .pluginConf(0, "1.0.0", Optional.empty(), json("{'mac': '02:00:00:00:00:07', 'ips': ['10.0.0.1']}"));
        assertEquals(json(runtimeConfig), handed.has("runtimeConfig") ? handed.get("runtimeConfig") : json("{}"));
        assertEquals(!json(runtimeConfig).isEmpty(), handed.has("runtimeConfig"));
    }

    @Test
    void cniArgsGoIntoEveryPluginAndWinOverWhatIsThere() throws CniException {
        NetworkConfigList network = parse("{'name': 'n', 'plugins': [{'type': 'a', 'args': {'cni': {'k': 1, 'l': 2},"
                + " 'org': {}}}, {'type': 'b', 'args': null}, {'type': 'c', 'args': {'cni': null}}]}");
        NetworkConfigList with = network.withCniArgs(json("{'k': {'m': 3}}"));
        assertEquals(
                json(
                        "{'name': 'n', 'plugins': [{'type': 'a', 'args': {'cni': {'k': {'m': 3}, 'l': 2}, 'org': {}}},"
                                + " {'type': 'b', 'args': {'cni': {'k': {'m': 3}}}}, {'type': 'c', 'args': {'cni': {'k': {'m': 3}}}}]}"),
                with.raw());
        assertEquals(1, network.plugins().get(0).at("/args/cni/k").asInt(), "the original stays");
        assertEquals(
                json("{'name': 'n', 'type': 'a', 'args': {'cni': {'k': 1}}, 'deviceID': 'd'}"),
                parse("{'name': 'n', 'type': 'a'}")
                        .withCniArgs(json("{'k': 1}"))
                        .withKey("deviceID", "d")
                        .pluginConf(0, "1.0.0", Optional.empty(), json("{}"))
                        .without("cniVersion"));
    }

    @Test
    void whatComesInStaysAsItWas() throws CniException {
        ObjectNode conf = json("{'type': 'a'}");
        NetworkConfigList network = NetworkConfigList.parse("x", conf, Optional.of("n"));
        network.pluginConf(0, "1.0.0", Optional.of(json("{}")), json("{}")).put("type", "changed");
        assertEquals(json("{'type': 'a'}"), conf);
        assertEquals(json("{'type': 'a', 'name': 'n'}"), network.raw());
    }

    private record Kept(String ifName, NetworkConfigList network) {}

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
            {'type': 'macvlan', 'x': {'y': [1, null]}}
            {'cniVersion': '1.0.0', 'disableGC': true, 'plugins': [{'type': 'a'}, {'type': 'b', 'ipam': {}}]}
            """)
    void aRecordKeepsItAsItsConfiguration(String text) throws CniException, JsonProcessingException {
        NetworkConfigList network = NetworkConfigList.parse("x", json(text), Optional.of("n"));
        String written = MAPPER.writeValueAsString(new Kept("net1", network));
        assertEquals(json(text).put("name", "n"), MAPPER.readTree(written).get("network"));
        assertEquals(network, MAPPER.readValue(written, Kept.class).network());
    }

    @Test
    void aRecordWithoutAProperNetworkIsNotRead() {
        assertThrows(
                JsonProcessingException.class,
                () -> MAPPER.readValue("{\"ifName\": \"net1\", \"network\": {\"name\": \"n\"}}", Kept.class));
    }
}

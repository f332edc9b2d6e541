// SPDX-License-Identifier: Apache-2.0
package io.tsncni.install;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.cni.CniException;
import io.tsncni.cni.JsonText;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PluginsTextTest {
    private static final Predicate<ObjectNode> TSN =
            plugin -> plugin.path("type").asText().equals("tsn");

    private static ObjectNode json(String text) throws CniException {
        return JsonText.parseObject("test", text.replace('\'', '"'));
    }

    private static String append(String text) throws CniException {
        ObjectNode entry = json("{'type': 'tsn', 'egress': ['tsn0', 'tsn1'], 'priorityMap': {'3': 5, '*': 'drop'}}");
        return PluginsText.of("test", text.replace('\'', '"')).append(entry).replace('"', '\'');
    }

    @Test
    void anEntryIsWrittenAsItsNeighbourIs() throws CniException {
        String list =
                """
                {
                  'name': 'lan',
                  'plugins': [
                    {
                      'type': 'bridge'
                    }
                  ],
                  'cniVersion': '1.0.0'
                }
                """;
        String expected =
                """
                {
                  'name': 'lan',
                  'plugins': [
                    {
                      'type': 'bridge'
                    },
                    {
                      'type': 'tsn',
                      'egress': ['tsn0', 'tsn1'],
                      'priorityMap': {
                        '3': 5,
                        '*': 'drop'
                      }
                    }
                  ],
                  'cniVersion': '1.0.0'
                }
                """;
        assertEquals(expected, append(list));
        String tabs = list.replace("  ", "\t");
        assertEquals(expected.replace("  ", "\t"), append(tabs));
        assertEquals(expected.replace("\n", "\r\n"), append(list.replace("\n", "\r\n")));
    }

    @Test
    void bracesOfPluginsMayShareALine() throws CniException {
        String list = "{'plugins': [{\n     'type': 'a'\n  }, {\n     'type': 'b'\n  }]}";
        assertEquals(
                "{'plugins': [{\n     'type': 'a'\n  }, {\n     'type': 'b'\n  }, {\n     'type': 'tsn',\n"
                        + "     'egress': ['tsn0', 'tsn1'],\n     'priorityMap': {\n        '3': 5,\n"
                        + "        '*': 'drop'\n     }\n  }]}",
                append(list));
    }

    @Test
    void aLineStaysALine() throws CniException {
        assertEquals(
                "{'plugins':[{'type':'a'},{'type':'tsn','egress':['tsn0','tsn1'],'priorityMap':{'3':5,'*':'drop'}}]}",
                append("{'plugins':[{'type':'a'}]}"));
        assertEquals(
                "{'plugins': [{'type': 'a'}, {'type': 'tsn', 'egress': ['tsn0', 'tsn1'],"
                        + " 'priorityMap': {'3': 5, '*': 'drop'}}]}",
                append("{'plugins': [{'type': 'a'}]}"));
        assertEquals(
                "{'plugins': [\n  {'type': 'a'},\n  {'type': 'tsn', 'egress': ['tsn0', 'tsn1'],"
                        + " 'priorityMap': {'3': 5, '*': 'drop'}}\n]}",
                append("{'plugins': [\n  {'type': 'a'}\n]}"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'plugins':[{'type':'a'}]}",
                "{'plugins': [ {'type':'a' } ,\n\n {'type': 'b', 'x': {'plugins': [1, 2]}}\t] , 'plugin': [{}]}\n\n",
                "{'plugins': [{'type': 'old'}], 'mtu': 1.50e3, 'plugins': [{'type': 'b', 'b': 9007199254740993}]}",
                "{\n\t'plugins': [\n\t\t{\n\t\t\t'type': 'a', 'u': '\\u00fc]}',\n\t\t\t'\u00fc\ud83d\ude00': [[{}]]\n"
                        + "\t\t}\n\t]\n}",
            })
    void whatIsPutInComesOutToTheByte(String quoted) throws CniException {
        String text = quoted.replace('\'', '"');
        String with = PluginsText.of("test", text).append(json("{'type': 'tsn', 'a': {'b': [1, {}]}}"));
        PluginsText list = PluginsText.of("test", with);
        assertEquals(1, list.count(TSN));
        assertEquals(Optional.of(text), list.without(TSN, 0));
        assertEquals(Optional.of(with), list.without(TSN, 1));
    }

    private static Optional<String> without(String plugins, int butFirst) throws CniException {
        String text = "{'plugins': [" + plugins + "]}";
        return PluginsText.of("test", text.replace('\'', '"'))
                .without(TSN, butFirst)
                .map(rest -> rest.replace('"', '\''));
    }

    @Test
    void entriesComeOutWhereverTheyAre() throws CniException {
        String tsn = "{'type': 'tsn'}";
        String a = "{'type': 'a'}";
        String b = "{'type': 'b'}";
        assertEquals(Optional.of("{'plugins': [" + a + "]}"), without(tsn + ", " + a, 0));
        assertEquals(Optional.of("{'plugins': [" + a + ",\n" + b + "]}"), without(a + ", " + tsn + ",\n" + b, 0));
        assertEquals(
                Optional.of("{'plugins': [" + a + ", " + b + "]}"), without(tsn + "," + a + ", " + b + "," + tsn, 0));
        assertEquals(Optional.of("{'plugins': [" + a + "," + tsn + "]}"), without(a + "," + tsn + "," + tsn, 1));
        assertEquals(Optional.empty(), without(tsn + ", " + tsn, 0));
    }

    @Test
    void anEntryIsReplacedInItsPlace() throws CniException {
        String text = "{\"plugins\": [{\"type\": \"a\"}, {\"type\": \"tsn\", \"egress\": \"x\"}, {\"type\": \"b\"}]}";
        PluginsText list = PluginsText.of("test", text);
        assertEquals(text.replace("\"x\"", "\"y\""), list.replace(TSN, json("{'type': 'tsn', 'egress': 'y'}")));
        assertEquals(text, list.replace(TSN, json("{'egress': 'x', 'type': 'tsn'}")));
    }

    private static String listOf(String conf) throws CniException {
        String text = conf.replace('\'', '"');
        return PluginsText.listOf(json(text), text, json("{'made': true}")).replace('"', '\'');
    }

    @Test
    void aPlainConfigurationBecomesAList() throws CniException {
        assertEquals(
                "{'cniVersion':'0.4.0','name':'lan','made':true,'plugins':[{'name':'lan','type':'a','cniVersion':'0.4.0'}]}\n",
                listOf("{'name':'lan','type':'a','cniVersion':'0.4.0'}\n"));
        assertEquals(
                """
                {
                    'cniVersion': '0.4.0',
                    'name': 'lan',
                    'made': true,
                    'plugins': [
                        {
                            'name': 'lan', 'cniVersion': '0.4.0',
                            'type': 'a'
                        }
                    ]
                }
                """,
                listOf("{\n    'name': 'lan', 'cniVersion': '0.4.0',\n    'type': 'a'\n}\n"));
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.install;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** Lists with any plugins in any order, written by whomever: jq, a template, a person. */
class TsnProxyTextPropertyTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ITS = "{'type': 'tsn', 'tsnIfname': 'eth0', 'tsnIngressOrEgress': 'egress'}";
    private static final String OURS = "{'type': 'tsn', 'egress': 'eth0', 'installedBy': 'tsnd'}";

    private static Path host;

    @BeforeContainer
    static void aNode() throws IOException {
        host = Files.createTempDirectory("tsn-proxy");
        Files.writeString(host.resolve("shim"), "tsn-cni-shim 0.1.0");
    }

    @AfterContainer
    static void remove() throws IOException {
        try (Stream<Path> tree = Files.walk(host)) {
            for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    /** @param blank between values, newlines among it */
    record Written(List<String> plugins, String blank, String separator) {
        String text() {
            return ("{" + blank + "'name':" + blank + "'lan', 'cniVersion': '1.0.0'," + blank + "'plugins': [" + blank
                            + String.join(blank + "," + separator, plugins) + blank + "], 'more': 1.50e3}" + separator)
                    .replace('\'', '"');
        }
    }

    @Provide
    Arbitrary<Written> lists() {
        Arbitrary<String> plugin = Arbitraries.frequencyOf(
                Tuple.of(
                        4,
                        Arbitraries.of(
                                "{'type':'a'}",
                                "{\n  'type': 'b',\n  'n': 9007199254740993\n}",
                                "{'type': 'c', 'u': '\\u00fc]}', 'tsnIfname': 'x', 'of': {'type': 'tsn'}}",
                                "{ 'type' : 'tsn' , 'egress' : 'mine' }")),
                Tuple.of(2, Arbitraries.of(ITS, ITS.replace(", ", ",\n\t"), ITS.replace(" ", ""))),
                Tuple.of(1, Arbitraries.just(OURS)));
        Arbitrary<String> blank = Arbitraries.of("", " ", "\n", "\n\t\t", "\r\n    ");
        return Combinators.combine(plugin.list().ofMinSize(1).ofMaxSize(6), blank, blank)
                .as(Written::new)
                // One of ours at most: more there are never.
                .filter(list -> list.plugins().stream().filter(OURS::equals).count() <= 1);
    }

    private static List<ObjectNode> plugins(String text) throws IOException {
        List<ObjectNode> plugins = new ArrayList<>();
        JSON.readTree(text).path("plugins").forEach(plugin -> plugins.add((ObjectNode) plugin));
        return plugins;
    }

    private static ObjectNode json(String text) throws IOException {
        return (ObjectNode) JSON.readTree(text.replace('\'', '"'));
    }

    @Property(tries = 300)
    void itsEntriesAreReplacedAndNothingElse(@ForAll("lists") Written list, @ForAll boolean wanted) throws IOException {
        Path conf = Files.createDirectories(host.resolve("net.d"));
        Path file = Files.writeString(conf.resolve("10-lan.conflist"), list.text());
        Optional<ObjectNode> keys = wanted ? Optional.of(json("{'egress': 'eth0'}")) : Optional.empty();
        new TsnProxyFiles(new ShimFile(host.resolve("shim"), host), conf).replace(keys);

        String text = Files.readString(file);
        assertEquals(expected(plugins(list.text()), wanted), plugins(text), text);
        if (plugins(list.text()).equals(plugins(text))) {
            assertEquals(list.text(), text);
        }
        assertEquals(outside(list.text()), outside(text));
        for (String plugin : list.plugins()) {
            String other = plugin.replace('\'', '"');
            assertTrue(isIts(json(plugin)) || text.contains(other), other + " is not as it was in " + text);
        }
    }

    private static boolean isIts(ObjectNode plugin) {
        return plugin.has("tsnIngressOrEgress");
    }

    private static List<ObjectNode> expected(List<ObjectNode> before, boolean wanted) throws IOException {
        List<ObjectNode> rest =
                before.stream().filter(plugin -> !isIts(plugin)).collect(Collectors.toCollection(ArrayList::new));
        if (rest.isEmpty() || rest.size() == before.size()) {
            return before;
        }
        boolean otherTsn =
                rest.stream().anyMatch(plugin -> plugin.path("type").asText().equals("tsn"));
        if (wanted && !otherTsn) {
            int first = 0;
            while (!isIts(before.get(first))) {
                first++;
            }
            rest.add(first, json(OURS));
        }
        return rest;
    }

    /** What stands before and behind the plugins. */
    private static String outside(String text) {
        return text.substring(0, text.indexOf('[') + 1) + text.substring(text.lastIndexOf(']'));
    }
}

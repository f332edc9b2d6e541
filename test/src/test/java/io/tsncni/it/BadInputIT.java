// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.testbed.Node;
import io.tsncni.testbed.Pod;
import io.tsncni.testbed.Shell;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Mistakes of users and runtimes, through the real shim to the real agent: an exact code, a message, no trace. */
@RequiresRoot
class BadInputIT {
    private static Node node;
    private static Pod pod;
    // Static, because the cases are named before anything is started.
    private static final Path fifo = Path.of(System.getProperty("java.io.tmpdir"), "netns.fifo");

    @BeforeAll
    static void start() {
        Shell.run("mkfifo", fifo.toString());
        node = Nodes.started();
        pod = node.addPod("pod", node.runtime(node.conflist("1.0.0")));
    }

    @AfterAll
    static void stop() {
        if (node != null) {
            node.close();
        }
    }

    /** A good ADD, which each case spoils in one place. */
    private static ObjectNode good() {
        ObjectNode conf = node.tsnEntry().put("cniVersion", "1.0.0").put("name", "pods");
        return conf.set("prevResult", pod.result());
    }

    private static Arguments key(String key, String json, int code, String... says) {
        return Arguments.of(key + " = " + json, Map.of(), Map.of(key, json), code, says);
    }

    private static Arguments map(String json, String... says) {
        return key("priorityMap", json, 7, says);
    }

    private static Arguments variable(String name, String value, int code, String... says) {
        return Arguments.of(name + " = '" + value + "'", Map.of(name, value), Map.of(), code, says);
    }

    static Stream<Arguments> mistakes() {
        return Stream.of(
                key("cniVersion", "\"0.2.0\"", 1, "cniVersion", "0.2.0", "1.1.0"),
                key("cniVersion", "\"2.0.0\"", 1, "cniVersion", "2.0.0"),
                key("cniVersion", "1", 7, "cniVersion", "number 1"),
                key("name", "\"../etc\"", 7, "name", "../etc"),
                key("prevResult", "{\"cniVersion\": \"0.4.0\"}", 7, "prevResult.cniVersion", "0.4.0", "1.0.0"),
                key("prevResult", "[]", 7, "prevResult", "object"),
                key("prevResult", "{\"cniVersion\": \"1.0.0\", \"ips\": 4}", 7, "prevResult.ips", "number 4"),
                key("delegate", "5", 7, "delegate", "number 5"),
                key("delegate", "{}", 7, "delegate", "plugins"),
                key("delegate", "{\"type\": \"../x\"}", 7, "delegate.type", "../x"),
                key("delegate", "{\"plugins\": [null]}", 7, "delegate.plugins[0]", "null"),
                key("delegates", "{}", 7, "delegates", "object"),
                key("delegates", "[{\"name\": \"n\"}]", 7, "delegates[0]", "plugins"),
                key("clusterNetwork", "7", 7, "clusterNetwork", "number 7"),
                key("unmapped", "\"none\"", 7, "unmapped", "none", "drop, keep, zero"),
                key("unmapped", "7", 7, "unmapped", "number 7"),
                key("txtime", "true", 7, "txtime", "boolean true"),
                map("[]", "priorityMap", "object"),
                map("{\"16\": 1}", "priorityMap.16", "\"0\" to \"15\""),
                map("{\"-1\": 1}", "priorityMap.-1"),
                map("{\"3x\": 1}", "priorityMap.3x"),
                map("{\"3\": 4294967296}", "priorityMap.3", "4294967296"),
                map("{\"3\": -1}", "priorityMap.3", "-1"),
                map("{\"3\": \"dorp\"}", "priorityMap.3", "dorp", "drop"),
                map("{\"3\": 1.5}", "priorityMap.3", "1.5"),
                key("egress", "\"abcdefghijklmnop\"", 7, "egress", "abcdefghijklmnop", "1 to 15 bytes"),
                key("egress", "\"a/b\"", 7, "egress", "a/b"),
                key("egress", "[]", 7, "egress"),
                key("egress", "[\"a\", 5]", 7, "egress[1]", "number 5"),
                key("egress", "\"tsn7\"", 11, "egress", "tsn7", "there are"),
                key("interface", "\"eth9\"", 7, "interface", "eth9"),
                variable("CNI_IFNAME", "eth9", 4, "CNI_IFNAME", "eth9"),
                variable("CNI_IFNAME", "e/0", 4, "CNI_IFNAME", "e/0"),
                variable("CNI_IFNAME", "", 4, "CNI_IFNAME"),
                variable("CNI_CONTAINERID", "../x", 4, "CNI_CONTAINERID", "../x"),
                variable("CNI_CONTAINERID", "", 4, "CNI_CONTAINERID"),
                variable("CNI_COMMAND", "ATTACH", 4, "CNI_COMMAND", "ATTACH"),
                variable("CNI_NETNS", "/etc/hostname", 7, "CNI_NETNS", "/etc/hostname", "not a network namespace"),
                variable("CNI_NETNS", "/proc/self/ns/mnt", 7, "CNI_NETNS", "not a network namespace"),
                variable("CNI_NETNS", fifo.toString(), 7, "CNI_NETNS", "not a network namespace"),
                variable("CNI_NETNS", "/nowhere", 4, "CNI_NETNS", "/nowhere", "No such file"),
                variable("CNI_NETNS", "", 4, "CNI_NETNS"));
    }

    @ParameterizedTest(name = "{0}: code {3}")
    @MethodSource("mistakes")
    void aMistakeGetsItsCodeAndChangesNothing(
            String name, Map<String, String> environment, Map<String, String> keys, int code, String[] says) {
        ObjectNode conf = good();
        keys.forEach((key, json) -> conf.set(key, Nodes.json(json)));
        assertRefused(environment, conf.toString(), code, says);
    }

    @Test
    void aPairWithoutAnEgressNicIsCode7() {
        ObjectNode conf = good();
        conf.remove("egress");
        assertRefused(Map.of(), conf.toString(), 7, "egress: required");
    }

    static Stream<Arguments> noConfigurations() {
        return Stream.of(
                Arguments.of("", "stdin"),
                Arguments.of("   \n", "stdin"),
                Arguments.of("{\"cniVersion\": \"1.0.0\",\n \"name\" \"x\"}", "line 2"),
                Arguments.of("[]", "object"),
                Arguments.of("{} {}", "stdin"));
    }

    @ParameterizedTest(name = "stdin ''{0}''")
    @MethodSource("noConfigurations")
    void whatIsNoConfigurationIsCode6(String stdin, String says) {
        assertRefused(Map.of(), stdin, 6, says);
    }

    private static void assertRefused(Map<String, String> environment, String stdin, int code, String... says) {
        Leftovers before = Leftovers.of(node);
        Map<String, String> variables = new HashMap<>(Map.of(
                "CNI_COMMAND", "ADD",
                "CNI_CONTAINERID", "bad",
                "CNI_NETNS", pod.netns().path().toString(),
                "CNI_IFNAME", "eth0",
                "CNI_PATH", "/nowhere"));
        variables.putAll(environment);
        Shell.Result result = Shell.of(node.artifacts().shim())
                .with(node.agent().env())
                .with(variables)
                .reading(stdin)
                .attempt();
        assertEquals(1, result.exit(), result.toString());
        JsonNode error = Nodes.json(result.stdout());
        assertEquals(code, error.path("code").asInt(), error.toString());
        for (String part : says) {
            assertTrue(error.path("msg").asText().contains(part), error + " should say " + part);
        }
        assertEquals(before, Leftovers.of(node));
    }
}

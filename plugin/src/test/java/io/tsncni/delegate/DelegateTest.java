// SPDX-License-Identifier: Apache-2.0
package io.tsncni.delegate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.cni.AttachmentKey;
import io.tsncni.cni.CniAnswer;
import io.tsncni.cni.CniException;
import io.tsncni.cni.NetworkConfigList;
import io.tsncni.shim.Exec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DelegateTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int ENOENT = 0x10000 + 2;
    private static final List<String> DIRECTORIES = List.of("/first", "/second");

    /** What was run: path, command, and the configuration on stdin. */
    private record Call(String path, Map<String, String> environment, JsonNode conf) {
        @Override
        public String toString() {
            return environment.get("CNI_COMMAND") + " " + path;
        }
    }

    /** Plugins that say OK with a result of their own, but for those that a test has an answer for. */
    private final List<Call> calls = new ArrayList<>();

    private final Map<String, Exec.Result> answers = new HashMap<>();
    private final List<String> ownCalls = new ArrayList<>();

    private final Plugins plugins = new Plugins(
            this::run,
            Map.of("HOME", "/root", "CNI_IFNAME", "eth0", "CNI_NETNS", "/other"),
            Set.of("tsn"),
            (environment, stdin) -> {
                ownCalls.add(environment.get("CNI_COMMAND") + " " + environment.get("CNI_IFNAME"));
                return new CniAnswer(0, "{\"cniVersion\": \"1.0.0\"}");
            });

    /** As the shim does: the first path that is there. In /first there is but one. */
    private Exec.Result run(String paths, Map<String, String> environment, byte[] stdin) throws IOException {
        String path = Arrays.stream(paths.split(":"))
                .filter(one -> !one.startsWith("/first/") || one.equals("/first/rare"))
                .findFirst()
                .orElseThrow();
        calls.add(new Call(path, environment, JSON.readTree(stdin)));
        String type = path.substring(path.lastIndexOf('/') + 1);
        return answers.getOrDefault(type, result(0, "{\"cniVersion\": \"1.0.0\", \"of\": \"" + type + "\"}", ""));
    }

    private static Exec.Result result(int status, String stdout, String stderr) {
        return new Exec.Result(
                status, stdout.getBytes(StandardCharsets.UTF_8), stderr.getBytes(StandardCharsets.UTF_8));
    }

    private Delegate delegate(String version, String conf) throws Exception {
        ObjectNode json = (ObjectNode) JSON.readTree(conf.replace('\'', '"'));
        return new Delegate(
                plugins, NetworkConfigList.parse("delegate", json, Optional.of("camera")), version, DIRECTORIES);
    }

    private static RuntimeConf runtime() {
        ObjectNode capabilityArgs = JSON.createObjectNode().put("mac", "0a:00:00:00:00:01");
        return new RuntimeConf("container", "/run/netns/x", "net1", "IgnoreUnknown=1", capabilityArgs);
    }

    private static ObjectNode added() {
        return JSON.createObjectNode().put("cniVersion", "1.0.0").put("of", "add");
    }

    private static final String THREE =
            "{'plugins': [{'type': 'a'}, {'type': 'b', 'capabilities': {'mac': true}}, {'type': 'c'}]}";

    @Test
    void addRunsThePluginsInOrderEachWithTheResultOfTheOneBefore() throws Exception {
        assertEquals("c", delegate("1.0.0", THREE).add(runtime()).path("of").asText());
        assertEquals("[ADD /second/a, ADD /second/b, ADD /second/c]", calls.toString());
        assertTrue(calls.get(0).conf().path("prevResult").isMissingNode());
        assertEquals("a", calls.get(1).conf().at("/prevResult/of").asText());
        assertEquals("b", calls.get(2).conf().at("/prevResult/of").asText());
        for (Call call : calls) {
            assertEquals("camera", call.conf().path("name").asText());
            assertEquals("1.0.0", call.conf().path("cniVersion").asText());
        }
        assertEquals(
                "0a:00:00:00:00:01",
                calls.get(1).conf().at("/runtimeConfig/mac").asText());
        assertFalse(calls.get(0).conf().has("runtimeConfig"));
    }

    @Test
    void aPluginGetsTheRuntimesEnvironmentAndItsOwnAttachment() throws Exception {
        delegate("1.0.0", "{'type': 'a'}").add(runtime());
        assertEquals(
                Map.of(
                        "HOME", "/root",
                        "CNI_COMMAND", "ADD",
                        "CNI_CONTAINERID", "container",
                        "CNI_NETNS", "/run/netns/x",
                        "CNI_IFNAME", "net1",
                        "CNI_ARGS", "IgnoreUnknown=1",
                        "CNI_PATH", "/first:/second"),
                calls.get(0).environment());
    }

    @Test
    void theFirstDirectoryThatHasThePluginCounts() throws Exception {
        delegate("1.0.0", "{'type': 'rare'}").add(runtime());
        assertEquals("[ADD /first/rare]", calls.toString());
    }

    @Test
    void anAddStopsAtThePluginThatRefusesWhoseErrorIsHandedOn() throws Exception {
        answers.put("b", result(1, "{\"code\": 117, \"msg\": \"no \\u00e9ther\", \"details\": \"why\"}", "log"));
        CniException e =
                assertThrows(CniException.class, () -> delegate("1.0.0", THREE).add(runtime()));
        assertEquals(117, e.number());
        assertEquals("no \u00e9ther", e.getMessage());
        assertEquals("why", e.details());
        assertEquals("[ADD /second/a, ADD /second/b]", calls.toString());
    }

    @ParameterizedTest
    @CsvSource({
        "1, '', '', 'plugin a: exit code 1, and it said nothing'",
        "2, '', 'panic: nil', 'plugin a: exit code 2: panic: nil'",
        "1, 'no JSON', '', 'plugin a: exit code 1: no JSON'",
        "1, '{\"code\": \"5\", \"msg\": \"text\"}', 'stderr', 'plugin a: exit code 1: stderr'",
        "265, '', '', 'plugin a: signal 9, and it said nothing'",
        "65549, '', '', 'plugin a: errno 13: it could not be run, or wrote too much, and it said nothing'",
    })
    void aPluginThatDiesWithoutAnErrorIsNamedWithWhatItSaid(int status, String stdout, String stderr, String msg)
            throws Exception {
        answers.put("a", result(status, stdout, stderr));
        CniException e =
                assertThrows(CniException.class, () -> delegate("1.0.0", THREE).add(runtime()));
        assertEquals(999, e.number());
        assertEquals(msg, e.getMessage());
    }

    @ParameterizedTest
    @CsvSource({"''", "[]", "null", "'{'", "text"})
    void aResultThatIsNoneIsADecodingFailure(String stdout) throws Exception {
        answers.put("a", result(0, stdout, ""));
        CniException e =
                assertThrows(CniException.class, () -> delegate("1.0.0", THREE).add(runtime()));
        assertEquals(6, e.number());
        assertTrue(e.getMessage().startsWith("plugin a of network camera: "), e.getMessage());
    }

    @ParameterizedTest
    @CsvSource({"0.3.1, false", "0.4.0, true", "1.0.0, true", "1.1.0, true"})
    void delRunsInReverseWithTheResultOfAddSinceThatVersionHasIt(String version, boolean hasResult) throws Exception {
        delegate(version, THREE).del(runtime(), Optional.of(added()));
        assertEquals("[DEL /second/c, DEL /second/b, DEL /second/a]", calls.toString());
        for (Call call : calls) {
            assertEquals(
                    hasResult ? "add" : "", call.conf().at("/prevResult/of").asText());
        }
    }

    @Test
    void delTriesAllAndThrowsTheFirstFailure() throws Exception {
        answers.put("c", result(1, "{\"code\": 3, \"msg\": \"c\"}", ""));
        answers.put("b", result(1, "{\"code\": 4, \"msg\": \"b\"}", ""));
        CniException e =
                assertThrows(CniException.class, () -> delegate("1.0.0", THREE).del(runtime(), Optional.of(added())));
        assertEquals(3, e.number());
        assertEquals("[DEL /second/c, DEL /second/b, DEL /second/a]", calls.toString());
    }

    @Test
    void aPluginThatIsGoneFailsADelUnlessItAddedNothing() throws Exception {
        for (String path : List.of("a", "b", "c")) {
            answers.put(path, result(ENOENT, "", ""));
        }
        Delegate delegate = delegate("1.0.0", THREE);
        delegate.del(runtime(), Optional.empty());
        CniException e = assertThrows(CniException.class, () -> delegate.del(runtime(), Optional.of(added())));
        assertEquals(7, e.number());
        assertEquals("type: no plugin 'c' in [/first, /second]", e.getMessage());
    }

    @Test
    void checkStatusAndGcAreForTheVersionsThatHaveThem() throws Exception {
        for (String version : List.of("0.3.1", "0.4.0", "1.0.0", "1.1.0")) {
            Delegate delegate = delegate(version, "{'type': 'a'}");
            delegate.check(runtime(), added());
            delegate.status();
            delegate.gc(List.of(new AttachmentKey("container", "net1")));
        }
        assertEquals(
                "[CHECK /second/a, CHECK /second/a, CHECK /second/a, STATUS /second/a, GC /second/a]",
                calls.toString());
        JsonNode gc = calls.get(4).conf();
        assertEquals(
                "[{\"containerID\":\"container\",\"ifname\":\"net1\"}]",
                gc.path("cni.dev/valid-attachments").toString());
        assertEquals(gc.path("cni.dev/valid-attachments"), gc.path("cni.dev/attachments"));
        assertFalse(calls.get(4).environment().containsKey("CNI_CONTAINERID"));
    }

    @Test
    void aListMayWantNoCheckAndNoGc() throws Exception {
        Delegate delegate = delegate("1.1.0", "{'disableCheck': true, 'disableGC': true, 'plugins': [{'type': 'a'}]}");
        delegate.check(runtime(), added());
        delegate.gc(List.of());
        assertEquals("[]", calls.toString());
    }

    @Test
    void weRunOurselvesWithoutAShim() throws Exception {
        delegate("1.0.0", "{'plugins': [{'type': 'a'}, {'type': 'tsn'}]}").add(runtime());
        assertEquals("[ADD /second/a]", calls.toString());
        assertEquals(List.of("ADD net1"), ownCalls);
    }

    @Test
    void aShimThatIsGoneIsToBeTriedAgain() throws Exception {
        Plugins gone = new Plugins(
                (path, environment, stdin) -> {
                    throw new IOException("the shim is gone");
                },
                Map.of(),
                Set.of("tsn"),
                (environment, stdin) -> new CniAnswer(0, ""));
        Delegate delegate = new Delegate(
                gone,
                NetworkConfigList.parse(
                        "delegate", (ObjectNode) JSON.readTree("{\"type\": \"a\"}"), Optional.of("camera")),
                "1.0.0",
                DIRECTORIES);
        CniException e = assertThrows(CniException.class, () -> delegate.add(runtime()));
        assertEquals(11, e.number());
        assertEquals("/first/a:/second/a: the shim is gone", e.getMessage());
    }

    @Test
    void aNameThatIsNoSinglePathIsNoPlugin() throws Exception {
        CniException e = assertThrows(CniException.class, () -> delegate("1.0.0", "{'type': 'a:/bin/sh'}")
                .add(runtime()));
        assertEquals(7, e.number());
        assertEquals("[]", calls.toString());
    }
}

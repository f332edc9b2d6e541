// SPDX-License-Identifier: Apache-2.0
package io.tsncni.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tsncni.cni.CniAnswer;
import io.tsncni.cni.CniException;
import io.tsncni.cni.RecordedLog;
import io.tsncni.linux.netns.HandedNetns;
import io.tsncni.metrics.RequestMetrics;
import io.tsncni.resolve.Planner;
import io.tsncni.shim.Exec;
import io.tsncni.state.AttachmentRecord;
import io.tsncni.state.AttachmentStore;
import io.tsncni.state.Records;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that must not come as far as the kernel: there is no data plane behind this dispatcher. */
class CniDispatcherTest {
    private static final AttachmentRecord RECORD =
            Records.intended("there", "plant", "tsn0").attached();

    private static final Exec NO_SHIM = (path, environment, stdin) -> {
        throw new AssertionError("nothing is to be run");
    };

    @RegisterExtension
    final RecordedLog log = new RecordedLog(CniDispatcher.class);

    @TempDir
    private Path stateDir;

    private CniDispatcher dispatcher;

    @BeforeEach
    void start() throws IOException, CniException {
        AttachmentStore store = AttachmentStore.open(stateDir);
        store.put(RECORD);
        dispatcher = new CniDispatcher(
                new Attachments(store, null, new AttachmentLocks(), "boot"),
                new Planner(Optional.empty(), List.of()),
                new Announcer(Optional.empty(), Optional.empty()),
                new RequestMetrics());
    }

    /** With the usual variables, of which some are set otherwise: "NAME=value NAME=value". */
    private CniAnswer dispatch(String command, String otherwise, String conf, HandedNetns netns) {
        Map<String, String> environment = new TreeMap<>(Map.of(
                "CNI_COMMAND", command,
                "CNI_CONTAINERID", "there",
                "CNI_IFNAME", "eth0.1",
                "CNI_NETNS", "/run/netns/x"));
        for (String assignment : otherwise.split(" ")) {
            String[] variable = assignment.split("=", 2);
            environment.put(variable[0], variable.length == 2 ? variable[1] : "");
        }
        return dispatcher.dispatch(
                environment, conf.getBytes(StandardCharsets.UTF_8), netns, NO_SHIM, Optional.empty());
    }

    /** A configuration of version 1.1.0 for network plant, with these keys besides. */
    private static String conf(String keys) {
        return "{\"cniVersion\": \"1.1.0\", \"name\": \"plant\", \"type\": \"tsn\"" + (keys.isEmpty() ? "" : ", ")
                + keys + "}";
    }

    private static Map<String, String> contents(Path directory) throws IOException {
        Map<String, String> contents = new TreeMap<>();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                contents.put(file.toString(), Files.readString(file));
            }
        }
        return contents;
    }

    private void assertRefused(int code, String problem, CniAnswer answer, Map<String, String> stateBefore)
            throws IOException {
        JsonNode error = new ObjectMapper().readTree(answer.stdout());
        assertEquals(1, answer.exit());
        assertEquals(code, error.path("code").asInt(), answer.stdout());
        assertTrue(error.path("msg").asText().startsWith(problem), answer.stdout());
        assertEquals(stateBefore, contents(stateDir));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            ''                                         | 6 | stdin: expected the network configuration
            {"cniVersion": "1.0.0", "name": }          | 6 | stdin: not JSON at line 1, column
            ["tsn"]                                    | 6 | stdin: expected the network configuration
            {"cniVersion": "9.9.9", "name": "n"}       | 1 | cniVersion: '9.9.9'
            {"cniVersion": "1.1.0", "name": "../n"}    | 7 | name: '../n'
            "prevResult": {"cniVersion": "0.4.0"}      | 7 | prevResult.cniVersion: '0.4.0'
            "unmapped": "drop "                        | 7 | unmapped: expected one of [drop, keep, zero], got
            "priorityMap": {"16": 0}                   | 7 | priorityMap.16:
            "priorityMap": {"-1": 0}                   | 7 | priorityMap.-1:
            "priorityMap": {"3x": 0}                   | 7 | priorityMap.3x:
            "priorityMap": {"3": 4294967296}           | 7 | priorityMap.3: expected a NIC priority, 0 to 4294967295
            "egress": "abcdefghijklmnop"               | 7 | egress: 'abcdefghijklmnop'
            "egress": "a/b"                            | 7 | egress: 'a/b'
            "interface": 0                             | 7 | interface: expected an interface name, got the number 0
            """)
    void aBadConfigurationIsRefusedWithKeyAndValueByAddCheckAndStatusAndChangesNothing(
            String conf, int code, String problem) throws IOException {
        Map<String, String> before = contents(stateDir);
        String stdin = conf.startsWith("\"") ? conf(conf) : conf;
        for (String command : new String[] {"ADD", "CHECK", "STATUS"}) {
            assertRefused(code, problem, dispatch(command, "", stdin, new HandedNetns.Unset()), before);
        }
        assertEquals(
                3,
                log.lines().stream()
                        .filter(line -> line.contains("code " + code))
                        .count());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            ADD    | CNI_CONTAINERID=../x           | CNI_CONTAINERID: '../x'
            DEL    | CNI_CONTAINERID=../there       | CNI_CONTAINERID: '../there'
            CHECK  | CNI_CONTAINERID=a/b            | CNI_CONTAINERID: 'a/b'
            ADD    | CNI_CONTAINERID=               | CNI_CONTAINERID: required for ADD
            DEL    | CNI_IFNAME=abcdefghijklmnop    | CNI_IFNAME: 'abcdefghijklmnop'
            DEL    | CNI_IFNAME=                    | CNI_IFNAME: required for DEL
            ADD    | CNI_NETNS=                     | CNI_NETNS: required for ADD
            REMOVE | CNI_IFNAME=eth0                | CNI_COMMAND: 'REMOVE'
            """)
    void aBadEnvironmentIsRefusedWithVariableAndValueAndChangesNothing(String command, String otherwise, String problem)
            throws IOException {
        Map<String, String> before = contents(stateDir);
        assertRefused(4, problem, dispatch(command, otherwise, conf(""), new HandedNetns.Unset()), before);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            ADD   | "egress": "tsn0"                    | CNI_NETNS: /run/netns/x is not a network namespace
            CHECK | "egress": "tsn0"                    | prevResult: required for CHECK
            ADD   | "prevResult": {}                    | CNI_NETNS: /run/netns/x is not a network namespace
            ADD   | "prevResult": {}, "egress": "tsn0"  | CNI_NETNS: /run/netns/x is not a network namespace
            CHECK | "prevResult": {}, "egress": "tsn0"  | CNI_NETNS: /run/netns/x is not a network namespace
            """)
    void whatACommandNeedsAndIsNotThereIsNamed(String command, String keys, String problem) throws IOException {
        Map<String, String> before = contents(stateDir);
        assertRefused(7, problem, dispatch(command, "", conf(keys), new HandedNetns.NoNamespace()), before);
    }

    /** The index of the bad element, and the list. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            ''   |
            ''   | {}
            [0]  | ["a"]
            [0]  | [{"containerID": 5, "ifname": "b"}]
            [1]  | [{"containerID": "a", "ifname": "b"}, {"containerID": "../x", "ifname": "b"}]
            [2]  | [{"containerID": "a", "ifname": "b"}, {"containerID": "a", "ifname": "b"}, {}]
            """)
    void gcWithoutAGoodListCollectsNothing(String index, String list) throws IOException {
        Map<String, String> before = contents(stateDir);
        String keys = list == null ? "" : "\"cni.dev/valid-attachments\": " + list;
        CniAnswer answer = dispatch("GC", "", conf(keys), new HandedNetns.Unset());
        assertRefused(7, "cni.dev/valid-attachments" + index + ":", answer, before);
    }

    @Test
    void aNamespaceThatTheShimCouldNotOpenIsABadEnvironmentAndSaysWhy() throws IOException {
        HandedNetns unopened = new HandedNetns.Unopened("No such file or directory");
        assertRefused(
                4,
                "CNI_NETNS: /run/netns/x: No such file or directory",
                dispatch("ADD", "", conf("\"prevResult\": {}, \"egress\": \"tsn0\""), unopened),
                contents(stateDir));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"cniVersion\": \"1.1.0\", \"name\": \"plant\", \"cni.dev/valid-attachments\":"
                        + " [{\"containerID\": \"there\", \"ifname\": \"eth0.1\"}]}",
                "{\"cniVersion\": \"1.1.0\", \"name\": \"office\", \"cni.dev/valid-attachments\": []}"
            })
    void gcKeepsWhatIsValidAndWhatIsOfAnotherNetwork(String conf) throws IOException {
        Map<String, String> before = contents(stateDir);
        assertEquals(new CniAnswer(0, ""), dispatch("GC", "", conf, new HandedNetns.Unset()));
        assertEquals(before, contents(stateDir));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.3.1", "0.4.0", "1.0.0", "1.1.0"})
    void anErrorIsInTheVersionOfTheNetwork(String version) throws IOException {
        for (String bad : new String[] {"\"name\": \"n\", \"unmapped\": 5", "\"name\": \"../n\""}) {
            String conf = "{\"cniVersion\": \"" + version + "\", " + bad + "}";
            JsonNode error = new ObjectMapper()
                    .readTree(dispatch("ADD", "", conf, new HandedNetns.Unset()).stdout());
            assertEquals(7, error.path("code").asInt());
            assertEquals(version, error.path("cniVersion").asText(), bad);
        }
    }

    @Test
    void versionListsWhatWeSpeak() {
        assertEquals(
                new CniAnswer(
                        0,
                        "{\"cniVersion\":\"1.1.0\",\"supportedVersions\":[\"0.3.1\",\"0.4.0\",\"1.0.0\",\"1.1.0\"]}"),
                dispatch("VERSION", "", conf(""), new HandedNetns.Unset()));
    }

    @Test
    void aDefectIsAnsweredAndLoggedAsOne() throws IOException {
        CniAnswer answer = dispatch("DEL", "", conf(""), new HandedNetns.Unset());
        assertRefused(999, "a defect of tsn-cni", answer, contents(stateDir));
        assertTrue(log.lines().get(0).startsWith("SEVERE a defect"), log.lines().toString());
    }

    @Test
    void anUnknownKeyIsSaidOnce() {
        for (int i = 0; i < 3; i++) {
            dispatch("VERSION", "", conf("\"prioritymap\": {}"), new HandedNetns.Unset());
        }
        String said = "WARNING network plant: key 'prioritymap' means nothing to tsn";
        assertEquals(
                1,
                log.lines().stream().filter(said::equals).count(),
                log.lines().toString());
        assertEquals(4, log.lines().size(), "and one line a request");
    }
}

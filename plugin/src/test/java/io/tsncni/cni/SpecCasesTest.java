// SPDX-License-Identifier: Apache-2.0
package io.tsncni.cni;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The CNI spec's versions and commands, each with each. */
class SpecCasesTest {
    private static final List<String> VERSIONS = List.of("0.3.1", "0.4.0", "1.0.0", "1.1.0");

    /** What the texts of the four versions say of a command: since when, and which variables it requires. */
    private record Spec(String since, String... required) {}

    private static final Map<String, Spec> COMMANDS = Map.of(
            "ADD", new Spec("0.3.1", "CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME"),
            "DEL", new Spec("0.3.1", "CNI_CONTAINERID", "CNI_IFNAME"),
            "CHECK", new Spec("0.4.0", "CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME"),
            "GC", new Spec("1.1.0"),
            "STATUS", new Spec("1.1.0"),
            "VERSION", new Spec("0.3.1"));

    private static final Map<String, String> VARIABLES = Map.of(
            "CNI_CONTAINERID", "0a1b2c3d",
            "CNI_NETNS", "/run/netns/cni-1",
            "CNI_IFNAME", "eth0",
            "CNI_PATH", "/opt/cni/bin");

    private static Map<String, String> environment(String command) {
        Map<String, String> environment = new HashMap<>(VARIABLES);
        environment.put("CNI_COMMAND", command);
        return environment;
    }

    private static byte[] conf(String version, String more) {
        String conf = "{\"cniVersion\": \"" + version + "\", \"name\": \"plant\", \"type\": \"tsn\"" + more + "}";
        return conf.getBytes(StandardCharsets.UTF_8);
    }

    private static void assertRefused(int code, String start, Map<String, String> environment, byte[] stdin) {
        CniException refusal = assertThrows(CniException.class, () -> CniRequest.parse(environment, stdin));
        assertEquals(code, refusal.code().number(), refusal.getMessage());
        assertTrue(refusal.getMessage().startsWith(start + ": "), refusal.getMessage());
    }

    static Stream<Arguments> versionsAndCommands() {
        return VERSIONS.stream()
                .flatMap(version -> COMMANDS.keySet().stream().sorted().map(command -> Arguments.of(version, command)));
    }

    static Stream<Arguments> versionsWithVersions() {
        return VERSIONS.stream().flatMap(one -> VERSIONS.stream().map(other -> Arguments.of(one, other)));
    }

    @ParameterizedTest(name = "{1} of {0}")
    @MethodSource("versionsAndCommands")
    void aCommandExistsFromTheVersionThatBroughtItOn(String version, String command) throws CniException {
        if (VERSIONS.indexOf(version) < VERSIONS.indexOf(COMMANDS.get(command).since())) {
            assertRefused(1, "cniVersion", environment(command), conf(version, ""));
            return;
        }
        CniRequest request = CniRequest.parse(environment(command), conf(version, ""));
        assertEquals(command, request.command().name());
        assertEquals(version, request.conf().version().toString());
        assertEquals("/run/netns/cni-1", request.netnsPath());
        assertEquals("plant", request.conf().network());
    }

    @ParameterizedTest(name = "{1} of {0}")
    @MethodSource("versionsAndCommands")
    void aMissingOrEmptyVariableIsNamed(String version, String command) {
        for (String variable : COMMANDS.get(command).required()) {
            Map<String, String> environment = environment(command);
            environment.put(variable, "");
            assertRefused(4, variable, environment, conf(version, ""));
            environment.remove(variable);
            assertRefused(4, variable, environment, conf(version, ""));
        }
    }

    @ParameterizedTest(name = "{1} of {0}")
    @MethodSource("versionsAndCommands")
    void noOtherVariableIsRequired(String version, String command) throws CniException {
        if (VERSIONS.indexOf(version) < VERSIONS.indexOf(COMMANDS.get(command).since())) {
            return;
        }
        List<String> required = List.of(COMMANDS.get(command).required());
        Map<String, String> environment = environment(command);
        environment.keySet().removeIf(variable -> VARIABLES.containsKey(variable) && !required.contains(variable));
        CniRequest request = CniRequest.parse(environment, conf(version, ""));
        assertEquals(
                required.isEmpty() ? Optional.empty() : Optional.of(new AttachmentKey("0a1b2c3d", "eth0")),
                request.attachment());
        assertEquals(required.contains("CNI_NETNS") ? "/run/netns/cni-1" : "", request.netnsPath());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "add", "ADD ", "INSTALL", "null"})
    void anythingElseIsNoCommand(String command) {
        assertRefused(4, "CNI_COMMAND", environment(command), conf("1.0.0", ""));
    }

    @Test
    void noCommandAtAllIsRefusedBeforeStdinIsLookedAt() {
        assertRefused(4, "CNI_COMMAND", Map.of(), new byte[0]);
    }

    @ParameterizedTest
    @ValueSource(strings = {"../x", "/etc", "a/b", ".", "..", "-a", "a b", "a\n"})
    void aHostileContainerIdIsRefusedWithItsValue(String containerId) {
        Map<String, String> environment = environment("DEL");
        environment.put("CNI_CONTAINERID", containerId);
        assertRefused(
                4, "CNI_CONTAINERID: '" + containerId + "' is not a container ID", environment, conf("1.0.0", ""));
    }

    @ParameterizedTest(name = "prevResult of {1} in a network of {0}")
    @MethodSource("versionsWithVersions")
    void prevResultIsOfTheNetworksVersion(String network, String result) throws CniException {
        byte[] stdin = conf(network, ", \"prevResult\": {\"cniVersion\": \"" + result + "\", \"ips\": []}");
        if (network.equals(result)) {
            CniRequest request = CniRequest.parse(environment("ADD"), stdin);
            assertEquals(
                    "{\"cniVersion\":\"" + result + "\",\"ips\":[]}",
                    request.conf().prevResult().orElseThrow().toString());
        } else {
            assertRefused(7, "prevResult.cniVersion", environment("ADD"), stdin);
        }
    }

    @ParameterizedTest(name = "{1} of {0}")
    @MethodSource("versionsAndCommands")
    void noCommandInsistsOnAPrevResultHere(String version, String command) throws CniException {
        if (VERSIONS.indexOf(version) >= VERSIONS.indexOf(COMMANDS.get(command).since())) {
            for (String none : List.of("", ", \"prevResult\": null")) {
                CniRequest request = CniRequest.parse(environment(command), conf(version, none));
                assertEquals(Optional.empty(), request.conf().prevResult());
            }
        }
    }

    @Test
    void theShimAnswersVersionWithTheSameList() throws IOException {
        String shim = Files.readString(Path.of("src/main/c/tsn.c"));
        String answer = shim.substring(shim.indexOf("#define VERSIONS"), shim.indexOf("#define CONNECT_MS"));
        List<String> listed = Pattern.compile("\\d+\\.\\d+\\.\\d+")
                .matcher(answer.substring(answer.indexOf("supportedVersions")))
                .results()
                .map(MatchResult::group)
                .toList();
        assertEquals(VERSIONS, listed);
        assertEquals(VERSIONS, CniVersion.supported());
        assertEquals("1.1.0", CniVersion.newest().toString());
    }

    @Test
    void aCommandWithoutAttachmentHasNoKey() throws CniException {
        CniRequest request = CniRequest.parse(environment("STATUS"), conf("1.1.0", ""));
        assertThrows(IllegalStateException.class, request::key);
    }
}

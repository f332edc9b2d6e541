// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static io.tsncni.it.ShimPeer.result;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.tsncni.it.Shim.Outcome;
import io.tsncni.it.Shim.Running;
import io.tsncni.it.ShimPeer.Request;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a runtime and an agent see of the shim when both behave. */
@ParameterizedClass
@EnumSource(Shim.class)
@SuppressWarnings("try") // A peer serves while the body runs.
class ShimIT {
    private static final int STDIN_MAX = 1 << 20;
    private static final int NETNS_UNSET = -1;
    private static final int ENOENT = 2;

    private final Shim shim;

    @TempDir
    Path dir;

    ShimIT(Shim shim) {
        this.shim = shim;
    }

    static JsonNode error(Outcome outcome, int code) throws Exception {
        JsonNode error = JsonMapper.builder().build().readTree(outcome.stdout());
        assertEquals(code, error.path("code").asInt(), outcome.toString());
        assertEquals("1.1.0", error.path("cniVersion").asText());
        assertFalse(error.path("msg").asText().isEmpty(), outcome.toString());
        assertEquals(1, outcome.exit());
        return error;
    }

    private Request requestOf(Shim.Call call) throws Exception {
        List<Request> seen = new ArrayList<>();
        try (ShimPeer peer = new ShimPeer(dir, c -> {
            seen.add(c.request());
            c.send(result(0, ""));
        })) {
            assertEquals(new Outcome(0, "", ""), call.run());
        }
        return seen.get(0);
    }

    @Test
    void versionIsAnsweredWithoutAnAgent() throws Exception {
        String versions =
                "{\"cniVersion\":\"1.1.0\",\"supportedVersions\":[\"0.3.1\",\"0.4.0\",\"1.0.0\",\"1.1.0\"]}\n";
        assertEquals(new Outcome(0, versions, ""), shim.call("VERSION", dir).run());
    }

    @Test
    void aPersonWhoRunsItIsToldWhatItIs() throws Exception {
        Outcome byOption = shim.call("ADD", dir).run("--version");
        Outcome bare = shim.call("ADD", dir)
                .without("CNI_COMMAND")
                .without("CNI_CONTAINERID")
                .without("CNI_IFNAME")
                .run();
        assertEquals(byOption, bare);
        assertEquals(0, bare.exit());
        assertTrue(bare.stdout().matches("tsn [0-9.]+, a CNI plugin: .*\n"), bare.stdout());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "add", "UPDATE", "\"\\\n\u00fc"})
    void anUnknownCommandIsAnErrorThatNamesTheVariable(String command) throws Exception {
        String message = error(shim.call(command, dir).run(), 4).path("msg").asText();
        assertEquals("CNI_COMMAND: missing or unusable: '" + command + "'", message);
    }

    @Test
    void requestCarriesTheWholeEnvironmentAndStdin() throws Exception {
        byte[] stdin = new byte[STDIN_MAX];
        stdin[0] = '{';
        stdin[STDIN_MAX - 1] = '}';
        Shim.Call call = shim.call("ADD", dir)
                .env("CNI_ARGS", "A=1;B=\u00fc")
                .env("EMPTY", "")
                .stdin(stdin);
        Request request = requestOf(call);

        Set<String> expected = new TreeSet<>();
        call.env().forEach((name, value) -> expected.add(name + "=" + value));
        assertEquals(expected, new TreeSet<>(request.env()));
        assertEquals(1, request.protocol());
        assertArrayEquals(stdin, request.stdin());
    }

    @Test
    void requestSaysHowOpeningTheNamespaceWent() throws Exception {
        assertEquals(NETNS_UNSET, requestOf(shim.call("DEL", dir)).netns());
        assertEquals(
                NETNS_UNSET,
                requestOf(shim.call("DEL", dir).env("CNI_NETNS", "")).netns());
        assertEquals(
                ENOENT,
                requestOf(shim.call("DEL", dir).env("CNI_NETNS", dir + "/gone")).netns());
        assertEquals(
                0,
                requestOf(shim.call("ADD", dir).env("CNI_NETNS", "/proc/self/ns/net"))
                        .netns());
    }

    @Test
    void resultIsPrintedAndItsCodeIsTheExitCode() throws Exception {
        String output = "x".repeat(3 << 20);
        try (ShimPeer peer = new ShimPeer(dir, c -> {
            c.request();
            c.send(result(7, output));
        })) {
            assertEquals(new Outcome(7, output, ""), shim.call("ADD", dir).run());
        }
    }

    @Test
    void anAnswerThatCannotBePrintedIsNoSuccess() throws Exception {
        try (ShimPeer peer = new ShimPeer(dir, c -> {
            c.request();
            c.send(result(0, "x".repeat(10000)));
        })) {
            ProcessBuilder full = shim.call("ADD", dir).builder().redirectOutput(new File("/dev/full"));
            assertEquals(1, full.start().waitFor());
        }
    }

    @Test
    void anAnswerBeforeTheRequestWasReadIsHeard() throws Exception {
        try (ShimPeer peer = new ShimPeer(dir, c -> c.send(result(3, "no")))) {
            Shim.Call call = shim.call("ADD", dir).stdin(new byte[STDIN_MAX]);
            assertEquals(new Outcome(3, "no", ""), call.run());
        }
    }

    @Test
    void stdinOverTheLimitIsAnErrorThatNamesTheLimit() throws Exception {
        Outcome outcome = shim.call("ADD", dir).stdin(new byte[STDIN_MAX + 1]).run();
        assertTrue(error(outcome, 6).path("msg").asText().contains("" + STDIN_MAX));
    }

    @Test
    void anEnvironmentOverTheLimitIsAnError() throws Exception {
        Shim.Call call = shim.call("ADD", dir);
        for (int i = 0; i < 1024; i++) {
            call.env("V" + i, "");
        }
        assertTrue(error(call.run(), 4).path("msg").asText().contains("1024"));
    }

    @ParameterizedTest
    @CsvSource({"ADD,11", "CHECK,11", "GC,11", "STATUS,50"})
    void withoutAnAgentTheErrorNamesTheSocketAndTheReason(String command, int code) throws Exception {
        Outcome outcome = shim.call(command, dir).env("TSN_TIMEOUT", "1").run();
        String message = error(outcome, code).path("msg").asText();
        assertTrue(message.contains(dir + "/tsnd.sock: No such file or directory"), message);
    }

    @Test
    void aSocketPathThatCannotBeIsReportedAtOnceAndAsValidJson() throws Exception {
        String path = "/tmp/\"\\\t\u00fc" + "x".repeat(100);
        Outcome outcome = shim.call("ADD", dir).env("TSN_SOCKET", path).run();
        String message = error(outcome, 11).path("msg").asText();
        assertTrue(message.contains(" " + path + ": "), message);
    }

    @Test
    void anAgentThatComesASecondLaterIsNotMissed() throws Exception {
        Running running = shim.call("ADD", dir).start();
        assertFalse(running.process().waitFor(1, TimeUnit.SECONDS));
        try (ShimPeer peer = new ShimPeer(dir, c -> {
            c.request();
            c.send(result(0, "late"));
        })) {
            assertEquals(new Outcome(0, "late", ""), running.outcome());
        }
    }

    @Test
    void anAgentThatIsRestartedTwiceIsNotNoticed() throws Exception {
        ShimPeer.Script closeAtOnce = c -> {};
        ShimPeer.Script closeAfterRequest = ShimPeer.Conversation::request;
        try (ShimPeer peer = new ShimPeer(dir, closeAtOnce, closeAfterRequest, c -> {
            c.request();
            c.send(result(0, "third"));
        })) {
            assertEquals(new Outcome(0, "third", ""), shim.call("ADD", dir).run());
        }
    }

    @Test
    void anAgentThatAlwaysHangsUpIsGivenUpAfterThreeConversations() throws Exception {
        try (ShimPeer peer = new ShimPeer(dir, ShimPeer.Conversation::request)) {
            error(shim.call("ADD", dir).run(), 11);
            assertEquals(3, peer.conversations());
        }
    }

    @Test
    void anAgentThatNeverAnswersIsGivenUpAtTheDeadline() throws Exception {
        try (ShimPeer peer = new ShimPeer(dir, ShimPeer.Conversation::awaitEnd)) {
            Outcome outcome = shim.call("ADD", dir).env("TSN_TIMEOUT", "1").run();
            String message = error(outcome, 11).path("msg").asText();
            assertTrue(message.contains("did not answer in 1 s"), message);
            assertEquals(1, peer.conversations());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "3601", "4294967297", "1s", "-1", "x"})
    void aTimeoutThatIsNoneIsAnErrorThatNamesIt(String timeout) throws Exception {
        Outcome outcome = shim.call("ADD", dir).env("TSN_TIMEOUT", timeout).run();
        assertEquals(
                "TSN_TIMEOUT: missing or unusable: '" + timeout + "'",
                error(outcome, 4).path("msg").asText());
    }

    @Test
    void aRuntimeThatNeverEndsStdinDoesNotHoldItBeyondTheDeadline() throws Exception {
        Path out = dir.resolve("out");
        Process process = shim.call("ADD", dir)
                .env("TSN_TIMEOUT", "1")
                .builder()
                .redirectInput(ProcessBuilder.Redirect.PIPE)
                .redirectOutput(out.toFile())
                .start();
        assertTrue(process.waitFor(10, TimeUnit.SECONDS));
        error(new Outcome(process.exitValue(), Files.readString(out, UTF_8), ""), 5);
    }
}

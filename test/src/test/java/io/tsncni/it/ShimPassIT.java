// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static io.tsncni.it.ShimIT.error;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.tsncni.it.Shim.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Without an agent, an entry that says so lets pods start; what the shim cannot read for certain does not say so. */
@ParameterizedClass
@EnumSource(Shim.class)
class ShimPassIT {
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private static final String RESULT =
            "{\"cniVersion\": \"1.0.0\",  \"ips\": [{\"address\": \"10.0.0.2/24\"}], \"dns\": {\"domain\": \"\\u00fc}\u00fc\\\"\"}}";
    private static final String SOUND = "{\"type\": \"tsn\", \"a\": [1, -2.5e+3, 0.1E-2, true, false, null, {}, []],"
            + " \"onAgentDown\": \"pass\",\r\n\t\"prevResult\": " + RESULT + ", \"z\": {\"onAgentDown\": \"fail\"}}\n";

    private final Shim shim;

    @TempDir
    Path dir;

    private Path nobody;

    ShimPassIT(Shim shim) {
        this.shim = shim;
    }

    /** For an absent one the shim would wait. */
    @BeforeEach
    void aSocketThatNobodyCanEverListenOn() throws Exception {
        nobody = Files.createFile(dir.resolve("file")).resolve("tsnd.sock");
    }

    private Outcome run(String command, byte[] conf) throws Exception {
        return shim.call(command, dir)
                .env("TSN_SOCKET", nobody.toString())
                .stdin(conf)
                .run();
    }

    private Outcome add(String conf) throws Exception {
        return run("ADD", conf.getBytes(UTF_8));
    }

    @Test
    void anAddAnswersWhatThePluginBeforeItDid() throws Exception {
        Outcome outcome = add(SOUND);
        assertEquals(0, outcome.exit());
        assertEquals(RESULT, outcome.stdout());
        assertEquals(
                "tsn: no answer from the agent at " + nobody
                        + ": Not a directory; the pod starts without TSN, as onAgentDown says, until there is one\n",
                outcome.stderr());
    }

    @Test
    void anAddThatCannotBeKeptPassesAllTheSame() throws Exception {
        Outcome outcome = shim.call("ADD", dir)
                .env("TSN_SOCKET", nobody.toString())
                .env("TSN_STATE_DIR", nobody.getParent().toString())
                .stdin(SOUND.getBytes(UTF_8))
                .run();
        assertEquals(0, outcome.exit());
        assertEquals(RESULT, outcome.stdout());
        assertTrue(
                outcome.stderr().contains("and stays without, because nothing can be left for the next agent: "),
                outcome.stderr());
    }

    @Test
    void theNextAgentFindsTheAdd() throws Exception {
        add(SOUND);
        try (Stream<Path> spool = Files.list(dir.resolve("state/spool"))) {
            List<Path> files = spool.toList();
            assertEquals(1, files.size());
            String request = Files.readString(files.get(0), ISO_8859_1);
            assertTrue(request.contains("CNI_COMMAND=ADD") && request.contains("CNI_CONTAINERID="), request);
        }
    }

    @Test
    void itWaitsForTheAgentFirst() throws Exception {
        long start = System.nanoTime();
        Outcome outcome = shim.call("ADD", dir)
                .env("TSN_TIMEOUT", "1")
                .stdin(SOUND.getBytes(UTF_8))
                .run();
        assertEquals(RESULT, outcome.stdout());
        assertTrue(System.nanoTime() - start >= 900_000_000L, "it did not wait");
    }

    @Test
    void aCheckHasNothingToSay() throws Exception {
        Outcome outcome = run("CHECK", SOUND.getBytes(UTF_8));
        assertEquals(0, outcome.exit());
        assertEquals("", outcome.stdout());
        assertTrue(outcome.stderr().contains("the pod is not checked"), outcome.stderr());
    }

    /** Else a runtime of CNI 1.1 would start no pod: it asks first. */
    @Test
    void theStatusIsGoodWithoutAPreviousResult() throws Exception {
        Outcome outcome = run("STATUS", "{\"onAgentDown\": \"pass\"}".getBytes(UTF_8));
        assertEquals(0, outcome.exit());
        assertEquals("", outcome.stdout());
        error(run("STATUS", "{\"onAgentDown\": \"fail\"}".getBytes(UTF_8)), 50);
    }

    @Test
    void aCollectionOfGarbageFailsAsEver() throws Exception {
        error(run("GC", SOUND.getBytes(UTF_8)), 11);
    }

    @Test
    @SuppressWarnings("try") // The peer serves while the body runs.
    void anAgentThatIsThereAndTalksNonsenseIsNoAbsentAgent() throws Exception {
        try (ShimPeer peer = new ShimPeer(dir, c -> {
            c.request();
            c.shout(new byte[64]);
            c.awaitEnd();
        })) {
            error(shim.call("ADD", dir).stdin(SOUND.getBytes(UTF_8)).run(), 11);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "{}",
                "{'prevResult': {}}",
                "{'onAgentDown': 'fail', 'prevResult': {}}",
                "{'onAgentDown': 'pass'}",
                "{'onAgentDown': 'pass', 'prevResult': null}",
                "{'onAgentDown': 'pass', 'prevResult': []}",
                "{'onAgentDown': 'pass ', 'prevResult': {}}",
                "{'onAgentDown': true, 'prevResult': {}}",
                "{'onAgentDown': ['pass'], 'prevResult': {}}",
                "{'onAgentDown': 'p\\u0061ss', 'prevResult': {}}",
                "{'\\u006fnAgentDown': 'pass', 'prevResult': {}}",
                "{'OnAgentDown': 'pass', 'prevResult': {}}",
                "{'a': {'onAgentDown': 'pass'}, 'prevResult': {}}",
                "[{'onAgentDown': 'pass', 'prevResult': {}}]",
                "{'onAgentDown': 'pass', 'onAgentDown': 'fail', 'prevResult': {}}",
                "{'onAgentDown': 'pass', 'prevResult': {}, 'prevResult': {'a': 1}}",
                "{'onAgentDown': 'pass', 'prevResult': {}, 'prevResul\\u0074': {'a': 1}}",
                "{'onAgentDown': 'pass', 'prevResult': {}",
                "{'onAgentDown': 'pass', 'prevResult': {}}}",
                "{'onAgentDown': 'pass', 'prevResult': {}} {}",
                "{'onAgentDown': 'pass', 'prevResult': {},}",
                "{'onAgentDown': 'pass' 'prevResult': {}}",
                "{'onAgentDown': 'pass', 'prevResult': {}, 'a': 01}",
                "{'onAgentDown': 'pass', 'prevResult': {}, 'a': 1.}",
                "{'onAgentDown': 'pass', 'prevResult': {}, 'a': -}",
                "{'onAgentDown': 'pass', 'prevResult': {}, 'a': 1e}",
                "{'onAgentDown': 'pass', 'prevResult': {}, 'a': nul}",
                "{'onAgentDown': 'pass', 'prevResult': {}, 'a': [1 2]}",
                "{'onAgentDown': 'pass', 'prevResult': {}, 'a': '\\x'}",
                "{'onAgentDown': 'pass', 'prevResult': {}, 'a': '\\u00g0'}",
                "{'onAgentDown': 'pass', 'prevResult': {}, 'a': '\n'}",
                "{'onAgentDown': 'pass', 'prevResult': {}, 'a': '}",
                "{'onAgentDown': 'pass', 'prevResult': {}, 'a': '\\",
            })
    void whatDoesNotSaySoForCertainFailsAndTellsHowToRepairIt(String conf) throws Exception {
        String message = error(add(conf.replace('\'', '"')), 11).path("msg").asText();
        assertTrue(message.endsWith("start tsnd on this node, or, if tsn-cni is to go, run tsnd uninstall"), message);
    }

    @Test
    void nestingIsBounded() throws Exception {
        String conf = SOUND.replace("\"z\":", "\"deep\": %s, \"z\":");
        assertEquals(0, add(conf.formatted("[".repeat(99) + "]".repeat(99))).exit());
        error(add(conf.formatted("[".repeat(100) + "]".repeat(100))), 11);
        error(add(conf.formatted("[".repeat(500_000))), 11);
        error(add(conf.formatted("{\"a\":".repeat(150_000))), 11);
    }

    /** Jackson, as strict as it can be, is the judge. */
    @Test
    void ofDamagedTextsNoneIsBelievedThatIsNotJson() throws Exception {
        byte[] sound = SOUND.getBytes(UTF_8);
        Random random = new Random(20261121);
        int passed = 0;
        for (int i = 0; i < 600; i++) {
            byte[] conf = damaged(sound, random);
            Outcome outcome = run("ADD", conf);
            if (outcome.exit() == 0) {
                JsonNode json = parsed(conf);
                assertEquals("pass", json.path("onAgentDown").asText(), new String(conf, UTF_8));
                assertEquals(json.path("prevResult"), JSON.readTree(outcome.stdout()), new String(conf, UTF_8));
                passed++;
            } else {
                error(outcome, 11);
            }
        }
        assertTrue(passed > 20 && passed < 500, passed + " passed");
    }

    private static JsonNode parsed(byte[] conf) {
        try {
            return JSON.readTree(new String(conf, UTF_8));
        } catch (JsonProcessingException e) {
            throw new AssertionError("the shim believed: " + new String(conf, UTF_8), e);
        }
    }

    /** A few bytes changed, mostly to what JSON is made of, or cut off. */
    private static byte[] damaged(byte[] sound, Random random) {
        byte[] bytes = Arrays.copyOf(sound, random.nextInt(8) == 0 ? random.nextInt(sound.length) : sound.length);
        byte[] parts = "{}[]\",:\\ue0-1. tn".getBytes(UTF_8);
        for (int n = random.nextInt(3); n > 0 && bytes.length > 0; n--) {
            bytes[random.nextInt(bytes.length)] =
                    random.nextInt(4) == 0 ? (byte) random.nextInt(128) : parts[random.nextInt(parts.length)];
        }
        return bytes;
    }
}

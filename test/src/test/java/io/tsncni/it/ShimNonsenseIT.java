// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static io.tsncni.it.ShimIT.error;
import static io.tsncni.it.ShimPeer.EXEC;
import static io.tsncni.it.ShimPeer.RESULT;
import static io.tsncni.it.ShimPeer.blob;
import static io.tsncni.it.ShimPeer.exec;
import static io.tsncni.it.ShimPeer.frame;
import static io.tsncni.it.ShimPeer.join;
import static io.tsncni.it.ShimPeer.result;
import static io.tsncni.it.ShimPeer.u32;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.tsncni.it.Shim.Outcome;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** An agent that talks nonsense gets nothing run and is answered for as if it were not there. */
@ParameterizedClass
@EnumSource(Shim.class)
@SuppressWarnings("try") // A peer serves while the body runs.
class ShimNonsenseIT {
    private static final int FRAME_MAX = 4 << 20;
    private static final int ENV_MAX = 1024;
    private static final byte[] NOTHING = {};
    private static final byte[] TRUE = exec(1, "/bin/true", NOTHING, "A=1");

    private final Shim shim;

    @TempDir
    Path dir;

    ShimNonsenseIT(Shim shim) {
        this.shim = shim;
    }

    private static byte[] random(long seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    static Stream<Arguments> nonsense() {
        byte[] id = u32(1);
        byte[] path = blob("/bin/true");
        byte[] none = u32(0);
        return Stream.of(
                arguments("random bytes", random(1, 64)),
                arguments("many random bytes", random(2, 1 << 20)),
                arguments("zeroes", new byte[64]),
                arguments("type 0", frame(0, new byte[16])),
                arguments("a REQUEST", frame(1, new byte[16])),
                arguments("an EXEC_RESULT", frame(3, id, none, none, none)),
                arguments("a QUERY", frame(5, blob("{}"))),
                arguments("type 6", frame(6, new byte[16])),
                arguments("length over the limit", join(u32(RESULT), u32(FRAME_MAX + 1))),
                arguments("length of 2 GiB", join(u32(RESULT), u32(Integer.MIN_VALUE))),
                arguments("length of 4 GiB - 1", join(u32(EXEC), u32(-1))),
                arguments("empty RESULT", frame(RESULT)),
                arguments("RESULT with an exit code over 255", result(256, "")),
                arguments("RESULT with a negative exit code", result(-1, "")),
                arguments("RESULT whose output is longer than the frame", frame(RESULT, none, u32(5), new byte[4])),
                arguments("RESULT whose output has length -1", frame(RESULT, none, u32(-1), new byte[4])),
                arguments("RESULT with a byte too many", frame(RESULT, none, blob("x"), new byte[1])),
                arguments("empty EXEC", frame(EXEC)),
                arguments("EXEC of an empty path", exec(1, "", NOTHING)),
                arguments("EXEC of a relative path", exec(1, "bin/true", NOTHING)),
                arguments("EXEC of a path with a NUL", exec(1, "/bin/true\0x", NOTHING)),
                arguments("EXEC whose path has length -1", frame(EXEC, id, u32(-1), new byte[16])),
                arguments("EXEC whose path ends behind the frame", frame(EXEC, id, u32(6), "/true".getBytes())),
                arguments("EXEC with a NUL in the environment", exec(1, "/bin/true", NOTHING, "A=\0")),
                arguments("EXEC with too many variables", exec(1, "/bin/true", NOTHING, variables(ENV_MAX + 1))),
                arguments("EXEC that counts 4 G variables", frame(EXEC, id, path, u32(-1), new byte[64])),
                arguments("EXEC that counts more variables than it has", frame(EXEC, id, path, u32(3), blob("A="))),
                arguments("EXEC whose variable has length -4", frame(EXEC, id, path, id, u32(-4), none)),
                arguments("EXEC without stdin", frame(EXEC, id, path, none)),
                arguments("EXEC whose stdin is too short", frame(EXEC, id, path, none, u32(9), new byte[8])),
                arguments("EXEC with a byte too many", frame(EXEC, id, path, none, none, new byte[1])));
    }

    private static String[] variables(int n) {
        String[] variables = new String[n];
        Arrays.fill(variables, "A=1");
        return variables;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void nonsense(String what, byte[] bytes) throws Exception {
        try (ShimPeer peer = new ShimPeer(dir, c -> {
            c.request();
            c.shout(bytes);
            c.awaitEnd();
        })) {
            String message = error(shim.call("ADD", dir).run(), 11).path("msg").asText();
            assertTrue(message.contains("tsnd.sock: it sent a "), message);
            assertEquals(1, peer.conversations());
        }
    }

    @Test
    void theMostThatIsAllowedIsNotNonsense() throws Exception {
        byte[] most = new byte[FRAME_MAX - 8];
        try (ShimPeer peer = new ShimPeer(dir, c -> {
            c.request();
            c.send(exec(1, "/bin/true", NOTHING, variables(ENV_MAX)));
            assertEquals(0, c.execResult().status());
            c.send(result(255, new String(most)));
        })) {
            assertEquals(
                    new Outcome(255, new String(most), ""),
                    shim.call("ADD", dir).run());
        }
    }

    @Test
    void nonsenseAfterAnExecIsAnsweredWhenTheDelegateHasEnded() throws Exception {
        try (ShimPeer peer = new ShimPeer(dir, c -> {
            c.request();
            c.send(exec(1, "/bin/cat", new byte[100000]), random(3, 64));
            c.awaitEnd();
        })) {
            error(shim.call("ADD", dir).run(), 11);
            assertEquals(1, peer.conversations());
        }
    }

    @Test
    void threeHundredDamagedConversationsEndInAnAnswer() throws Exception {
        byte[] sound = join(TRUE, TRUE, result(9, "fine"));
        AtomicReference<byte[]> next = new AtomicReference<>();
        Random random = new Random(20261121);
        try (ShimPeer peer = new ShimPeer(dir, c -> {
            c.request();
            c.shout(next.get());
        })) {
            for (int i = 0; i < 300; i++) {
                next.set(damaged(sound, random));
                Outcome outcome = shim.call("ADD", dir).run();
                if (!outcome.stdout().startsWith("{\"cniVersion\"")) {
                    assertTrue(outcome.stdout().length() <= 4, "conversation " + i + ": " + outcome);
                    assertTrue(outcome.exit() <= 255);
                } else {
                    error(outcome, 11);
                }
            }
        }
    }

    /** Truncated, or with a few bytes changed; small values are what lengths and counts are made of. */
    private static byte[] damaged(byte[] sound, Random random) {
        byte[] bytes = Arrays.copyOf(sound, random.nextInt(4) == 0 ? random.nextInt(sound.length) : sound.length);
        for (int n = random.nextInt(4); n > 0 && bytes.length > 0; n--) {
            int value = random.nextBoolean() ? random.nextInt(256) : random.nextInt(24);
            bytes[random.nextInt(bytes.length)] = (byte) value;
        }
        return bytes;
    }
}

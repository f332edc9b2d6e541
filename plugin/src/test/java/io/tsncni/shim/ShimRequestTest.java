// SPDX-License-Identifier: Apache-2.0
package io.tsncni.shim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.tsncni.linux.libc.Fd;
import io.tsncni.linux.libc.LibC;
import io.tsncni.linux.netns.HandedNetns;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ShimRequestTest {
    private static final byte[] GOOD = new Request()
            .number(Frame.PROTOCOL)
            .number(Frame.NETNS_UNSET)
            .number(2)
            .blob("CNI_COMMAND=DEL")
            .blob("CNI_ARGS=A=1;B=2")
            .blob("{}")
            .bytes();

    private static final Exec NOBODY = (path, environment, stdin) -> {
        throw new AssertionError("nothing is to be run");
    };

    private static ShimRequest decode(byte[] payload) throws IOException {
        return ShimRequest.decode(payload, Optional.empty(), NOBODY);
    }

    private static String refusal(byte[] payload) {
        return assertThrows(IOException.class, () -> decode(payload)).getMessage();
    }

    private static Fd open(String path) {
        return new Fd(LibC.open(path, LibC.O_RDONLY | LibC.O_CLOEXEC));
    }

    /** Another thread may have opened something else under the same number. */
    private static boolean isOpen(Fd fd, String path) throws IOException {
        Path link = Path.of("/proc/self/fd/" + fd.number());
        Path target = Files.isSymbolicLink(Path.of(path)) ? Files.readSymbolicLink(Path.of(path)) : Path.of(path);
        try {
            return Files.readSymbolicLink(link).equals(target);
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    @Test
    void environmentAndStdinComeOutAsTheyWentIn() throws IOException {
        byte[] stdin = {'{', 0, (byte) 0xff, '}'};
        ShimRequest request = decode(new Request()
                .number(Frame.PROTOCOL)
                .number(Frame.NETNS_UNSET)
                .number(5)
                .blob("A=1")
                .blob("B=2=3=")
                .blob("EMPTY=")
                .blob("BARE")
                .blob("")
                .blob(stdin)
                .bytes());
        assertEquals(Map.of("A", "1", "B", "2=3=", "EMPTY", "", "BARE", "", "", ""), request.environment());
        assertArrayEquals(stdin, request.stdin());
        assertInstanceOf(HandedNetns.Unset.class, request.netns());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2, -1, 1 << 24})
    void aShimOfAnotherProtocolIsToldWhatToDo(int protocol) {
        byte[] payload = new Request().number(protocol).blob("who knows").bytes();
        assertEquals(
                "the shim speaks protocol " + protocol + ", this agent 1: install the shim that came with the agent",
                refusal(payload));
    }

    @ParameterizedTest
    @CsvSource({"1025, 1025", "2147483647, 2147483647", "-2147483648, 2147483648", "-1, 4294967295"})
    void moreVariablesThanTheLimitAreRefused(int count, String shown) {
        byte[] payload = new Request()
                .number(Frame.PROTOCOL)
                .number(Frame.NETNS_UNSET)
                .number(count)
                .bytes();
        assertEquals(shown + " environment variables, at most 1024", refusal(payload));
    }

    @Test
    void asManyVariablesAsTheLimitAreTaken() throws IOException {
        Request request =
                new Request().number(Frame.PROTOCOL).number(Frame.NETNS_UNSET).number(Frame.ENV_MAX);
        for (int i = 0; i < Frame.ENV_MAX; i++) {
            request.blob("V" + i + "=" + i);
        }
        assertEquals(1024, decode(request.blob("").bytes()).environment().size());
    }

    @Test
    void aRequestCutOffAnywhereIsRefused() {
        for (int length = 0; length < GOOD.length; length++) {
            refusal(Arrays.copyOf(GOOD, length));
        }
    }

    @Test
    void bytesBehindARequestAreRefused() {
        assertEquals("1 bytes too many in the frame", refusal(Arrays.copyOf(GOOD, GOOD.length + 1)));
    }

    private static byte[] withNetns(int code) {
        return new Request()
                .number(Frame.PROTOCOL)
                .number(code)
                .number(0)
                .blob("{}")
                .bytes();
    }

    @Test
    void whyTheShimCouldNotOpenTheNamespaceIsSaidInWords() throws IOException {
        assertEquals(
                new HandedNetns.Unopened("No such file or directory"),
                decode(withNetns(2)).netns());
    }

    @Test
    void aDescriptorThatIsAnnouncedAndDoesNotComeIsRefused() {
        assertTrue(refusal(withNetns(0)).contains("none came"));
    }

    @Test
    void aDescriptorThatIsNoNamespaceIsClosed() throws IOException {
        Fd nothing = open("/dev/null");
        ShimRequest request = ShimRequest.decode(withNetns(0), Optional.of(nothing), NOBODY);
        assertInstanceOf(HandedNetns.NoNamespace.class, request.netns());
        assertFalse(isOpen(nothing, "/dev/null"));
    }

    @Test
    void theDescriptorOfARequestIsClosedWithIt() throws IOException {
        Fd own = open("/proc/self/ns/net");
        try (ShimRequest request = ShimRequest.decode(withNetns(0), Optional.of(own), NOBODY)) {
            HandedNetns.Open open = assertInstanceOf(HandedNetns.Open.class, request.netns());
            String link = Files.readSymbolicLink(Path.of("/proc/self/ns/net")).toString();
            assertEquals(link, "net:[" + open.namespace().inode() + "]");
        }
        assertFalse(isOpen(own, "/proc/self/ns/net"));
    }

    @Test
    void theDescriptorOfABrokenRequestIsClosed() throws IOException {
        Fd own = open("/proc/self/ns/net");
        assertThrows(IOException.class, () -> ShimRequest.decode(new byte[5], Optional.of(own), NOBODY));
        assertFalse(isOpen(own, "/proc/self/ns/net"));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void aHostilePayloadIsNeverMoreThanRefused(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 2_000; i++) {
            byte[] payload = Arrays.copyOf(GOOD, random.nextInt(3) > 0 ? GOOD.length : random.nextInt(2 * GOOD.length));
            for (int changes = random.nextInt(4); changes > 0 && payload.length > 0; changes--) {
                payload[random.nextInt(payload.length)] = (byte) (random.nextBoolean() ? random.nextInt() : -1);
            }
            try {
                decode(payload).close();
            } catch (IOException e) {
                assertFalse(e.getMessage().isEmpty());
            } catch (RuntimeException | OutOfMemoryError e) {
                fail("seed " + seed + ", round " + i + ": " + HexFormat.of().formatHex(payload), e);
            }
        }
    }

    @Test
    void theTextOfAVariableIsUtf8() throws IOException {
        byte[] payload = new Request()
                .number(Frame.PROTOCOL)
                .number(Frame.NETNS_UNSET)
                .number(1)
                .blob("CNI_ARGS=\u00e9".getBytes(StandardCharsets.UTF_8))
                .blob("")
                .bytes();
        assertEquals(Map.of("CNI_ARGS", "\u00e9"), decode(payload).environment());
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static io.tsncni.it.ShimIT.error;
import static io.tsncni.it.ShimPeer.result;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tsncni.it.Shim.Call;
import io.tsncni.it.Shim.Outcome;
import io.tsncni.it.Shim.Running;
import io.tsncni.it.ShimPeer.Request;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A DEL that finds no agent. */
@ParameterizedClass
@EnumSource(Shim.class)
@SuppressWarnings("try") // A peer serves while the body runs.
class ShimSpoolIT {
    private static final Outcome DONE = new Outcome(0, "", "");
    private static final int SPOOL_MAX = 1024;

    private final Shim shim;

    @TempDir
    Path dir;

    ShimSpoolIT(Shim shim) {
        this.shim = shim;
    }

    /** Gives up on the agent after a second. */
    private Call del() {
        return shim.call("DEL", dir).env("TSN_TIMEOUT", "1");
    }

    /** A socket whose directory is a file: no reason to wait for an agent. */
    private Call hopeless() {
        return del().env("TSN_SOCKET", "/dev/null/tsnd.sock");
    }

    private Path spool() {
        return dir.resolve("state/spool");
    }

    private List<Path> spooled() throws Exception {
        if (!Files.isDirectory(spool())) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(spool())) {
            return files.sorted().toList();
        }
    }

    private static String mode(Path path) throws Exception {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    @Test
    void isKeptAsTheRequestItWasButWithoutItsNamespace() throws Exception {
        Call call = del().env("CNI_NETNS", "/proc/self/ns/net");
        List<Request> seen = new ArrayList<>();
        try (ShimPeer peer = new ShimPeer(dir, c -> {
            seen.add(c.request());
            c.send(result(0, ""));
        })) {
            assertEquals(DONE, call.run());
        }
        assertEquals(DONE, call.run());

        Path file = spooled().get(0);
        assertTrue(file.getFileName().toString().matches("[0-9]{12}\\.[0-9]{9}-[0-9]+\\.req"), file.toString());
        assertEquals("rw-------", mode(file));
        assertEquals("rwx------", mode(spool()));
        assertEquals("rwx------", mode(spool().getParent()));
        ByteBuffer expected = ByteBuffer.wrap(seen.get(0).payload()).order(ByteOrder.LITTLE_ENDIAN);
        assertEquals(0, expected.getInt(4));
        expected.putInt(4, -1);
        assertArrayEquals(expected.array(), Files.readAllBytes(file));
    }

    @Test
    void isKeptInOrderOfTime() throws Exception {
        for (String container : List.of("c1", "c2", "c3")) {
            assertEquals(DONE, hopeless().env("CNI_CONTAINERID", container).run());
        }
        List<String> containers = new ArrayList<>();
        for (Path file : spooled()) {
            ByteBuffer payload = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
            ShimPeer.parse(payload).env().stream()
                    .filter(variable -> variable.startsWith("CNI_CONTAINERID="))
                    .forEach(containers::add);
        }
        assertEquals(List.of("CNI_CONTAINERID=c1", "CNI_CONTAINERID=c2", "CNI_CONTAINERID=c3"), containers);
    }

    @Test
    void isKeptWhenTheAgentNeverAnswers() throws Exception {
        try (ShimPeer peer = new ShimPeer(dir, ShimPeer.Conversation::awaitEnd)) {
            assertEquals(DONE, del().run());
            assertEquals(1, spooled().size());
        }
    }

    @Test
    void isServedAfterAllByAnAgentThatCameWhileItWasBeingKept() throws Exception {
        ShimPeer.Script hangUp = ShimPeer.Conversation::request;
        List<Integer> kept = new ArrayList<>();
        try (ShimPeer peer = new ShimPeer(dir, hangUp, hangUp, hangUp, c -> {
            c.request();
            kept.add(spooled().size());
            c.send(result(5, "served"));
        })) {
            assertEquals(new Outcome(5, "served", ""), del().run());
        }
        assertEquals(List.of(1), kept);
        assertEquals(List.of(), spooled());
    }

    @ParameterizedTest
    @CsvSource({"c1,eth0,c1:eth0", "a.b%c,eth.1,a%2eb%25c:eth%2e1"})
    void ofAnAttachmentWithDelegatesIsLeftToTheRuntime(String container, String ifName, String key) throws Exception {
        Path attachments = Files.createDirectories(dir.resolve("state/attachments"));
        Files.createFile(attachments.resolve(key + ".delegates"));
        Call call = hopeless().env("CNI_CONTAINERID", container).env("CNI_IFNAME", ifName);
        error(call.run(), 11);
        assertEquals(List.of(), spooled());
    }

    @ParameterizedTest
    @CsvSource({
        "CNI_CONTAINERID,../x",
        "CNI_CONTAINERID,''",
        "CNI_CONTAINERID,/",
        "CNI_IFNAME,a/b",
        "CNI_IFNAME,''",
        "CNI_IFNAME,sixteen-letters-"
    })
    void thatNamesNoFileIsAnErrorThatNamesTheVariable(String variable, String value) throws Exception {
        Outcome outcome = hopeless().env(variable, value).run();
        assertEquals(
                variable + ": missing or unusable: '" + value + "'",
                error(outcome, 4).path("msg").asText());
        assertFalse(Files.exists(dir.resolve("state")));
    }

    @Test
    void ofTheLongestContainerIdIsKeptAndOneByteMoreIsNot() throws Exception {
        assertEquals(DONE, hopeless().env("CNI_CONTAINERID", "x".repeat(200)).run());
        error(hopeless().env("CNI_CONTAINERID", "x".repeat(201)).run(), 4);
        error(hopeless().without("CNI_IFNAME").run(), 4);
        assertEquals(1, spooled().size());
    }

    @Test
    void isRefusedWhenTheSpoolIsFull() throws Exception {
        Files.createDirectories(spool());
        for (int i = 1; i < SPOOL_MAX; i++) {
            Files.createFile(spool().resolve(i + ".req"));
        }
        assertEquals(DONE, hopeless().run());
        String message = error(hopeless().run(), 11).path("msg").asText();
        assertTrue(message.contains(spool().toString()) && message.contains("" + SPOOL_MAX), message);
        assertEquals(SPOOL_MAX, spooled().size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"state", "state/spool"})
    void isRefusedWhenTheSpoolCannotBe(String obstacle) throws Exception {
        Files.createDirectories(dir.resolve(obstacle).getParent());
        Files.createFile(dir.resolve(obstacle));
        error(hopeless().run(), 11);
    }

    @Test
    void isRefusedWhenItCannotBeWritten() throws Exception {
        // More than stdio keeps in memory, so that its write fails, too, and not only its flush.
        ProcessBuilder builder = hopeless().stdin(new byte[10000]).builder();
        String shim = builder.command().get(0);
        // With the signal ignored, a write beyond the limit of no bytes at all is an error as on a full disk.
        builder.command("/bin/sh", "-c", "trap '' XFSZ; ulimit -f 0; exec " + shim);
        Process process = builder.start();
        String stdout = new String(process.getInputStream().readAllBytes(), UTF_8);
        error(new Outcome(process.waitFor(), stdout, ""), 11);
        assertEquals(List.of(), spooled());
    }

    @Test
    void hasFiveSecondsForAnAgentToCome() throws Exception {
        Running running = shim.call("DEL", dir).start();
        assertFalse(running.process().waitFor(4, TimeUnit.SECONDS));
        assertEquals(DONE, running.outcome());
        assertEquals(1, spooled().size());
    }
}

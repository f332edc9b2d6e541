// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static io.tsncni.it.ShimDelegates.NOTHING;
import static io.tsncni.it.ShimDelegates.PATH;
import static io.tsncni.it.ShimIT.error;
import static io.tsncni.it.ShimPeer.exec;
import static io.tsncni.it.ShimPeer.result;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tsncni.it.ShimPeer.ExecResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Delegates that say too much, listen too little or stay too long hold nobody up. */
@ParameterizedClass
@EnumSource(Shim.class)
@SuppressWarnings("try") // A peer serves while the body runs.
class ShimExecLimitsIT {
    private static final int NOT_RUN = 0x10000;
    private static final int EFBIG = 27;
    private static final int OUTPUT_MAX = 1 << 20;
    private static final int STDERR_MAX = 64 << 10;

    private final Shim shim;
    private ShimDelegates delegates;

    @TempDir
    Path dir;

    ShimExecLimitsIT(Shim shim) {
        this.shim = shim;
    }

    @BeforeEach
    void delegates() {
        delegates = new ShimDelegates(shim, dir);
    }

    @Test
    void moreDelegatesThanTheLimitWaitForAFreeSlot() throws Exception {
        Path log = dir.resolve("log");
        Path delegate = delegates.script("delegate", "echo + >>" + log, "sleep 0.2", "echo - >>" + log);
        byte[][] execs = IntStream.range(0, 70)
                .mapToObj(id -> exec(id, delegate, NOTHING, PATH))
                .toArray(byte[][]::new);
        assertEquals(
                70, delegates.run(execs).stream().filter(r -> r.status() == 0).count());
        int running = 0;
        int most = 0;
        for (String line : Files.readAllLines(log)) {
            running += line.equals("+") ? 1 : -1;
            most = Math.max(most, running);
        }
        assertTrue(most > 1 && most <= 32, "at once: " + most);
    }

    @Test
    void allOfStderrIsForwardedAndItsBeginningIsReported() throws Exception {
        Path delegate = delegates.script("delegate", "head -c 300000 /dev/zero | tr '\\0' e >&2");
        String all = "e".repeat(300000);
        assertEquals(
                all.substring(0, STDERR_MAX),
                delegates
                        .runExpectingStderr(all, exec(1, delegate, NOTHING, PATH))
                        .get(0)
                        .stderr());
    }

    @Test
    void aRuntimeThatDoesNotReadStderrHoldsNobodyUp() throws Exception {
        Path delegate = delegates.script("delegate", "head -c 300000 /dev/zero >&2");
        try (ShimPeer peer = new ShimPeer(dir, c -> {
            c.request();
            c.send(exec(1, delegate, NOTHING, PATH));
            assertEquals(0, c.execResult().status());
            c.send(result(0, ""));
        })) {
            Process process = shim.call("ADD", dir).builder().start();
            assertTrue(process.waitFor(20, TimeUnit.SECONDS));
            assertEquals(0, process.exitValue());
        }
    }

    @Test
    void aDelegateThatDoesNotReadItsStdinHoldsNobodyUp() throws Exception {
        Path read = dir.resolve("read");
        Path reader = delegates.script("reader", "wc -c", "touch " + read);
        // Ends well only if the other was served in the meantime.
        Path deaf = delegates.script(
                "deaf", "n=0; until [ -e " + read + " ]; do n=$((n+1)); [ $n -lt 200 ] || exit 1; sleep 0.05; done");
        byte[] megabyte = new byte[1 << 20];
        List<ExecResult> results = delegates.run(exec(1, deaf, megabyte, PATH), exec(2, reader, megabyte, PATH));
        assertEquals(new ExecResult(1, 0, "", ""), results.get(0));
        assertEquals(new ExecResult(2, 0, "1048576\n", ""), results.get(1));
    }

    @Test
    void outputUpToTheLimitIsReportedAndOneByteMoreKillsTheDelegate() throws Exception {
        List<ExecResult> results = delegates.run(
                exec(1, delegates.script("fits", "head -c " + OUTPUT_MAX + " /dev/zero"), NOTHING, PATH),
                exec(
                        2,
                        delegates.script("over", "head -c " + (OUTPUT_MAX + 1) + " /dev/zero; sleep 60"),
                        NOTHING,
                        PATH),
                exec(3, delegates.script("endless", "exec yes"), NOTHING, PATH));
        assertArrayEquals(new byte[OUTPUT_MAX], results.get(0).stdout().getBytes());
        assertEquals(new ExecResult(2, NOT_RUN + EFBIG, "", ""), results.get(1));
        assertEquals(new ExecResult(3, NOT_RUN + EFBIG, "", ""), results.get(2));
    }

    @Test
    void aDaemonThatADelegateLeavesBehindHoldsNobodyUp() throws Exception {
        Path delegate = delegates.script("delegate", "sleep 20 &", "echo $!", "echo said >&2");
        ExecResult result = delegates
                .runExpectingStderr("said\n", exec(1, delegate, NOTHING, PATH))
                .get(0);
        assertEquals("said\n", result.stderr());
        ProcessHandle daemon =
                ProcessHandle.of(Long.parseLong(result.stdout().trim())).orElseThrow();
        assertTrue(daemon.isAlive());
        daemon.destroy();
    }

    @Test
    void atTheDeadlineDelegatesAreKilled() throws Exception {
        Path delegate = delegates.script("delegate", "echo $$ >" + dir.resolve("pid"), "exec sleep 60");
        try (ShimPeer peer = new ShimPeer(dir, c -> {
            c.request();
            c.send(exec(1, delegate, NOTHING, PATH));
            c.awaitEnd();
        })) {
            error(shim.call("ADD", dir).env("TSN_TIMEOUT", "1").run(), 11);
        }
        long pid = Long.parseLong(Files.readString(dir.resolve("pid")).trim());
        assertTrue(ProcessHandle.of(pid).isEmpty());
    }

    @Test
    void anAgentThatVanishesMidwayIsNotAskedAgainAndTheDelegateEndsFirst() throws Exception {
        Path ended = dir.resolve("ended");
        Path delegate = delegates.script("delegate", "sleep 0.5", "touch " + ended);
        try (ShimPeer peer = new ShimPeer(dir, c -> {
            c.request();
            c.send(exec(1, delegate, NOTHING, PATH));
        })) {
            error(shim.call("ADD", dir).run(), 11);
            assertTrue(Files.exists(ended));
            assertEquals(1, peer.conversations());
        }
    }
}

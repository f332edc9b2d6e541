// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static io.tsncni.it.ShimDelegates.NOTHING;
import static io.tsncni.it.ShimDelegates.PATH;
import static io.tsncni.it.ShimPeer.exec;
import static io.tsncni.it.ShimPeer.result;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tsncni.it.Shim.Outcome;
import io.tsncni.it.Shim.Running;
import io.tsncni.it.ShimPeer.ExecResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The shim as the agent's hands: how it runs delegates. */
@ParameterizedClass
@EnumSource(Shim.class)
@SuppressWarnings("try") // A peer serves while the body runs.
class ShimExecIT {
    private static final int SIGNAL = 0x100;
    private static final int SIGPIPE = 13;
    private static final int SIGCHLD = 17;
    private static final int NOT_RUN = 0x10000;
    private static final int ENOENT = 2;
    private static final int EACCES = 13;

    private final Shim shim;
    private ShimDelegates delegates;

    @TempDir
    Path dir;

    ShimExecIT(Shim shim) {
        this.shim = shim;
    }

    @BeforeEach
    void delegates() {
        delegates = new ShimDelegates(shim, dir);
    }

    @Test
    void aDelegateGetsItsStdinAndExactlyItsEnvironment() throws Exception {
        Path delegate = delegates.script("delegate", "cat", "cat /proc/self/environ");
        ExecResult result = delegates
                .run(exec(-7, delegate, "{\"a\":1}".getBytes(), PATH, "EMPTY="))
                .get(0);
        // PWD and the like are the shell's own.
        String environment = result.stdout().substring("{\"a\":1}".length());
        List<String> ours = Stream.of(environment.split("\0"))
                .filter(variable -> !variable.matches("(PWD|OLDPWD|SHLVL|_)=.*"))
                .sorted()
                .toList();
        assertEquals(List.of("EMPTY=", PATH), ours);
        assertEquals(-7, result.id());
        assertEquals(0, result.status());
        assertTrue(result.stdout().startsWith("{\"a\":1}"));
    }

    @Test
    void ofSeveralPathsTheFirstThatIsThereIsRun() throws Exception {
        Path second = delegates.script("second", "echo second");
        Path third = delegates.script("third", "echo third");
        Path none = dir.resolve("none");
        Path directory = Files.createDirectory(dir.resolve("directory"));
        List<ExecResult> results = delegates.run(
                exec(1, Path.of(none + ":" + directory + ":" + second + ":" + third), NOTHING, PATH),
                exec(2, Path.of(third + ":" + none), NOTHING, PATH),
                exec(3, Path.of(none + ":" + none), NOTHING, PATH));
        assertEquals(new ExecResult(1, 0, "second\n", ""), results.get(0));
        assertEquals(new ExecResult(2, 0, "third\n", ""), results.get(1));
        assertEquals(new ExecResult(3, NOT_RUN + ENOENT, "", ""), results.get(2));
    }

    @Test
    void aDelegateInheritsNoOtherDescriptorAndNoIgnoredSignal() throws Exception {
        Path delegate = delegates.script("delegate", "grep Sig /proc/self/status", "exec ls /proc/self/fd");
        Path wrapper = delegates.script("wrapper", "exec 3</dev/null 7</dev/null", "exec " + shim.binary());
        List<ExecResult> results = new ArrayList<>();
        try (ShimPeer peer = new ShimPeer(dir, c -> {
            c.request();
            c.send(exec(1, delegate, NOTHING, PATH));
            results.add(c.execResult());
            c.send(result(0, ""));
        })) {
            ProcessBuilder builder =
                    shim.call("ADD", dir).env("CNI_NETNS", "/proc/self/ns/net").builder();
            Process process = builder.command(wrapper.toString())
                    .redirectOutput(dir.resolve("out").toFile())
                    .redirectError(dir.resolve("err").toFile())
                    .start();
            assertEquals(0, process.waitFor(), Files.readString(dir.resolve("err")));
        }
        String stdout = results.get(0).stdout();
        // 3 is the directory that ls is reading.
        assertTrue(stdout.endsWith("\n0\n1\n2\n3\n"), stdout);
        for (String line :
                stdout.lines().filter(l -> l.matches("Sig(Blk|Ign).*")).toList()) {
            assertEquals(0, Long.parseLong(line.split("\t")[1], 16) & (1 << SIGPIPE - 1 | 1 << SIGCHLD - 1), stdout);
        }
    }

    @Test
    void eightDelegatesRunAtTheSameTime() throws Exception {
        // Each waits for all the others to have started, so one after the other would never end well.
        Path delegate = delegates.script(
                "delegate",
                "touch " + dir + "/started.$ID; n=0",
                "while [ $(ls " + dir + " | grep -c started) -lt 8 ]; do",
                "  n=$((n+1)); [ $n -lt 400 ] || exit 1; sleep 0.05",
                "done",
                "echo $ID");
        byte[][] execs = IntStream.range(0, 8)
                .mapToObj(id -> exec(id, delegate, NOTHING, PATH, "ID=" + id))
                .toArray(byte[][]::new);
        List<ExecResult> results = delegates.run(execs);
        for (int id = 0; id < 8; id++) {
            assertEquals(new ExecResult(id, 0, id + "\n", ""), results.get(id));
        }
    }

    @Test
    void statusTellsExitCodeSignalAndWhyItCouldNotBeStarted() throws Exception {
        Path plain = Files.createFile(dir.resolve("plain"));
        List<ExecResult> results = delegates.run(
                exec(1, "/bin/true", NOTHING),
                exec(2, delegates.script("exits", "echo partial; exit 200"), NOTHING, PATH),
                exec(3, delegates.script("dies", "kill -TERM $$"), NOTHING, PATH),
                exec(4, dir.resolve("missing"), NOTHING),
                exec(5, plain, NOTHING));
        assertEquals(new ExecResult(1, 0, "", ""), results.get(0));
        assertEquals(new ExecResult(2, 200, "partial\n", ""), results.get(1));
        assertEquals(new ExecResult(3, SIGNAL + 15, "", ""), results.get(2));
        assertEquals(new ExecResult(4, NOT_RUN + ENOENT, "", ""), results.get(3));
        assertEquals(new ExecResult(5, NOT_RUN + EACCES, "", ""), results.get(4));
    }

    @Test
    void stderrIsForwardedWhileTheDelegateRuns() throws Exception {
        Path go = dir.resolve("go");
        Path delegate = delegates.script("delegate", "echo early >&2", "until [ -e " + go + " ]; do sleep 0.02; done");
        try (ShimPeer peer = new ShimPeer(dir, c -> {
            c.request();
            c.send(exec(1, delegate, NOTHING, PATH));
            assertEquals(new ExecResult(1, 0, "", "early\n"), c.execResult());
            c.send(result(0, ""));
        })) {
            Running running = shim.call("ADD", dir).start();
            for (int i = 0; i < 500 && !running.stderr().equals("early\n"); i++) {
                TimeUnit.MILLISECONDS.sleep(20);
            }
            Files.createFile(go);
            assertEquals(new Outcome(0, "", "early\n"), running.outcome());
        }
    }

    @Test
    void twoHundredRequestsInARowLeaveNoProcessBehind() throws Exception {
        String name = "d" + UUID.randomUUID().toString().substring(0, 12);
        Path delegate = delegates.script(name, "exit 0");
        try (ShimPeer peer = new ShimPeer(dir, c -> {
            c.request();
            c.send(exec(1, delegate, NOTHING, PATH));
            c.execResult();
            c.send(result(0, ""));
        })) {
            for (int i = 0; i < 200; i++) {
                assertEquals(0, shim.call("ADD", dir).run().exit());
            }
        }
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            // comm stays with a zombie, which has no command line any more.
            assertEquals(List.of(), processes.filter(p -> comm(p).equals(name)).toList());
        }
    }

    private static String comm(Path process) {
        try {
            return Files.readString(process.resolve("comm")).trim();
        } catch (IOException notAProcessOrGone) {
            return "";
        }
    }
}

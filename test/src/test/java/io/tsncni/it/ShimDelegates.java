// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static io.tsncni.it.ShimPeer.result;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tsncni.it.Shim.Outcome;
import io.tsncni.it.ShimPeer.ExecResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Delegates that are shell scripts in dir, and an agent that wants them run. */
record ShimDelegates(Shim shim, Path dir) {
    static final String PATH = "PATH=/usr/bin:/bin";
    static final byte[] NOTHING = {};

    Path script(String name, String... lines) throws Exception {
        Path file = Files.writeString(dir.resolve(name), "#!/bin/sh\n" + String.join("\n", lines) + "\n");
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    }

    List<ExecResult> run(byte[]... execs) throws Exception {
        return runExpectingStderr("", execs);
    }

    /** The results, in order of ids, of these EXECs, which the agent sends at once. */
    @SuppressWarnings("try") // The peer serves while the body runs.
    List<ExecResult> runExpectingStderr(String stderr, byte[]... execs) throws Exception {
        List<ExecResult> results = new ArrayList<>();
        try (ShimPeer peer = new ShimPeer(dir, c -> {
            c.request();
            c.send(execs);
            for (int i = 0; i < execs.length; i++) {
                results.add(c.execResult());
            }
            c.send(result(0, "done"));
        })) {
            assertEquals(new Outcome(0, "done", stderr), shim.call("ADD", dir).run());
        }
        results.sort(Comparator.comparingInt(ExecResult::id));
        return results;
    }
}

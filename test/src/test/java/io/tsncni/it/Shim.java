// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** The shim as it is installed, and the same sources under the address and undefined behaviour sanitizers. */
enum Shim {
    INSTALLED,
    SANITIZED;

    private static final Path DIST = Path.of(System.getProperty("tsn.dist"));
    private static final Path SOURCES = DIST.resolveSibling("plugin/src/main/c");

    private static Path sanitized;

    Path binary() throws Exception {
        return this == INSTALLED ? DIST.resolve("bin/tsn") : sanitized();
    }

    private static synchronized Path sanitized() throws Exception {
        if (sanitized == null) {
            ProcessBuilder make = new ProcessBuilder("make", "-s", "-C", SOURCES.toString(), "build/tsn-asan");
            assertEquals(0, make.inheritIO().start().waitFor(), "make build/tsn-asan");
            sanitized = SOURCES.resolve("build/tsn-asan");
        }
        return sanitized;
    }

    /** A request about eth0 of container c1; socket and state directory are in dir. */
    Call call(String command, Path dir) {
        Call call = new Call(this, dir);
        return call.env("CNI_COMMAND", command)
                .env("CNI_CONTAINERID", "c1")
                .env("CNI_IFNAME", "eth0")
                .env("PATH", "/usr/bin:/bin")
                .env("TSN_SOCKET", dir.resolve("tsnd.sock").toString())
                .env("TSN_STATE_DIR", dir.resolve("state").toString());
    }

    record Outcome(int exit, String stdout, String stderr) {}

    static final class Call {
        private final Shim shim;
        private final Path dir;
        private final Map<String, String> env = new TreeMap<>();
        private byte[] stdin = "{}".getBytes(UTF_8);

        private Call(Shim shim, Path dir) {
            this.shim = shim;
            this.dir = dir;
        }

        Call env(String name, String value) {
            env.put(name, value);
            return this;
        }

        Call without(String name) {
            env.remove(name);
            return this;
        }

        Call stdin(byte[] bytes) {
            stdin = bytes;
            return this;
        }

        Map<String, String> env() {
            return env;
        }

        ProcessBuilder builder(String... arguments) throws Exception {
            Path in = Files.write(Files.createTempFile(dir, "stdin", null), stdin);
            ProcessBuilder builder = new ProcessBuilder(shim.binary().toString()).redirectInput(in.toFile());
            builder.command().addAll(List.of(arguments));
            builder.environment().clear();
            builder.environment().putAll(env);
            return builder;
        }

        Running start(String... arguments) throws Exception {
            Path out = Files.createTempFile(dir, "stdout", null);
            Path err = Files.createTempFile(dir, "stderr", null);
            return new Running(
                    builder(arguments)
                            .redirectOutput(out.toFile())
                            .redirectError(err.toFile())
                            .start(),
                    out,
                    err);
        }

        Outcome run(String... arguments) throws Exception {
            return start(arguments).outcome();
        }
    }

    record Running(Process process, Path out, Path err) {
        private static String text(Path file) throws IOException {
            return new String(Files.readAllBytes(file), UTF_8);
        }

        String stderr() throws IOException {
            return text(err);
        }

        Outcome outcome() throws Exception {
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("the shim is still there after 30 s");
            }
            String stderr = stderr();
            assertFalse(stderr.contains("Sanitizer") || stderr.contains("runtime error"), stderr);
            return new Outcome(process.exitValue(), text(out), stderr);
        }
    }
}

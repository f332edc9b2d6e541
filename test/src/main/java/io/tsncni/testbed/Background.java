// SPDX-License-Identifier: Apache-2.0
package io.tsncni.testbed;

import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** A running process and all it has said so far. Closing it ends it. */
public final class Background implements AutoCloseable {
    private static final Duration GRACE = Duration.ofSeconds(5);

    private final List<String> command;
    private final Process process;
    private final Output stdout;
    private final Output stderr;

    Background(List<String> command, Process process) {
        this.command = command;
        this.process = process;
        stdout = new Output(process.inputReader(StandardCharsets.UTF_8));
        stderr = new Output(new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8));
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    public String stdout() {
        return stdout.text();
    }

    public String stderr() {
        return stderr.text();
    }

    /** Waits until the process prints this line on its standard output. */
    public Background awaitLine(String line, Duration patience) {
        BooleanSupplier there = () -> ("\n" + stdout()).contains("\n" + line + "\n");
        Duration longest = Patience.of(patience);
        long deadline = System.nanoTime() + longest.toNanos();
        while (!there.getAsBoolean()) {
            if (!process.isAlive()) {
                stdout.drain();
                stderr.drain();
                if (!there.getAsBoolean()) {
                    throw new Shell.Failure(command, new Shell.Result(process.exitValue(), stdout(), stderr()));
                }
            } else if (System.nanoTime() > deadline) {
                throw new IllegalStateException("'%s' has not printed '%s' within %s s: %s"
                        .formatted(name(), line, longest.toSeconds(), stderr()));
            }
            pause();
        }
        return this;
    }

    /** Waits for the end that the process chooses. */
    public Shell.Result await(Duration patience) {
        if (!endsWithin(patience)) {
            throw new IllegalStateException("'%s' still runs after %d s: %s"
                    .formatted(name(), Patience.of(patience).toSeconds(), stderr()));
        }
        stdout.drain();
        stderr.drain();
        return new Shell.Result(process.exitValue(), stdout(), stderr());
    }

    /** SIGTERM, and SIGKILL if that does not help. By the handle: Process.destroy() closes the pipes, last words and all. */
    public Shell.Result stop() {
        process.toHandle().destroy();
        if (!endsWithin(GRACE)) {
            process.toHandle().destroyForcibly();
        }
        return await(GRACE);
    }

    /** SIGKILL: no goodbye, as in a crash. */
    public Shell.Result kill() {
        process.toHandle().destroyForcibly();
        return await(GRACE);
    }

    @Override
    public void close() {
        if (process.isAlive()) {
            stop();
        }
    }

    private String name() {
        return String.join(" ", command);
    }

    private boolean endsWithin(Duration patience) {
        try {
            return process.waitFor(Patience.of(patience).toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.toHandle().destroyForcibly();
            throw new IllegalStateException("interrupted while waiting for '" + name() + "'", e);
        }
    }

    static void pause() {
        try {
            Thread.sleep(5);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** Reads all along: a full pipe would stop the process. */
    private static final class Output {
        private final StringBuffer text = new StringBuffer();
        private final Thread reader;

        Output(Reader from) {
            reader = new Thread(() -> read(from), "output");
            reader.setDaemon(true);
            reader.start();
        }

        private void read(Reader from) {
            char[] buffer = new char[8192];
            try (from) {
                for (int n = from.read(buffer); n >= 0; n = from.read(buffer)) {
                    text.append(buffer, 0, n);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** What the process has written before its end; its own children may hold the pipe open for longer. */
        void drain() {
            try {
                reader.join(1000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        String text() {
            return text.toString();
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.testbed;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A command to run: its words, what it adds to the environment, its standard input. */
public record Shell(List<String> command, Map<String, String> env, String stdin) {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    public record Result(int exit, String stdout, String stderr) {}

    /** A command that ended with another status than 0. */
    public static final class Failure extends RuntimeException {
        private static final long serialVersionUID = 1;

        Failure(List<String> command, Result result) {
            super("'%s' ended with %d: %s"
                    .formatted(String.join(" ", command), result.exit(), (result.stderr() + result.stdout()).strip()));
        }
    }

    public Shell {
        command = List.copyOf(command);
        env = Map.copyOf(env);
    }

    public static Shell of(String... command) {
        return new Shell(List.of(command), Map.of(), "");
    }

    public static Shell of(Path program, String... arguments) {
        return of(program.toString()).and(arguments);
    }

    public static Result run(String program, String... arguments) {
        return of(program).and(arguments).run();
    }

    public Shell and(String... arguments) {
        List<String> longer = new ArrayList<>(command);
        longer.addAll(List.of(arguments));
        return new Shell(longer, env, stdin);
    }

    public Shell with(String name, String value) {
        Map<String, String> more = new HashMap<>(env);
        more.put(name, value);
        return new Shell(command, more, stdin);
    }

    public Shell with(Map<String, String> variables) {
        Map<String, String> more = new HashMap<>(env);
        more.putAll(variables);
        return new Shell(command, more, stdin);
    }

    public Shell reading(String text) {
        return new Shell(command, env, text);
    }

    /** Runs to the end; any exit status but 0 is a {@link Failure}. */
    public Result run() {
        Result result = attempt();
        if (result.exit() != 0) {
            throw new Failure(command, result);
        }
        return result;
    }

    /** Runs to the end, and the caller judges the exit status. */
    public Result attempt() {
        try (Background process = start()) {
            return process.await(PATIENCE);
        }
    }

    public Background start() {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(env);
        try {
            Process process = builder.start();
            Background background = new Background(command, process);
            feed(process);
            return background;
        } catch (IOException e) {
            throw new UncheckedIOException("start '" + String.join(" ", command) + "'", e);
        }
    }

    private void feed(Process process) {
        try (OutputStream to = process.getOutputStream()) {
            to.write(stdin.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            // It ended without reading its input: the exit status says why.
            return;
        }
    }
}

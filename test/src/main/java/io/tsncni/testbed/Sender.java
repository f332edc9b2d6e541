// SPDX-License-Identifier: Apache-2.0
package io.tsncni.testbed;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;

/** sender.c in a pod: it sends when told to, so that many short rounds need no new process. */
final class Sender implements AutoCloseable {
    private final Process process;
    private final BufferedWriter to;
    private final BufferedReader from;

    /** Nanoseconds that passed, and those that it waited for its CPU. */
    record Took(long nanos, long waited) {}

    Sender(Artifacts artifacts, PodNetns netns, String address, int priority, int cpu) {
        Shell shell = netns.command(artifacts.sender().toString(), address)
                .and(Integer.toString(priority), Integer.toString(cpu));
        try {
            process = new ProcessBuilder(shell.command())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException("start " + shell.command(), e);
        }
        to = process.outputWriter();
        from = process.inputReader();
    }

    Took send(String command) throws IOException {
        to.write(command + "\n");
        to.flush();
        String answer = from.readLine();
        if (answer == null) {
            throw new IOException("sender ended instead of doing '" + command + "'");
        }
        String[] numbers = answer.split(" ");
        return new Took(Long.parseLong(numbers[0]), Long.parseLong(numbers[1]));
    }

    @Override
    public void close() {
        process.destroy();
    }
}

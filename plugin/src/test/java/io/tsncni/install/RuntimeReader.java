// SPDX-License-Identifier: Apache-2.0
package io.tsncni.install;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeSet;

/** A runtime that never stops looking at its directory. */
final class RuntimeReader extends Thread implements AutoCloseable {
    private final Path directory;
    private final TreeSet<String> broken = new TreeSet<>();
    private volatile Optional<String> expected = Optional.empty();
    private volatile int expectation;
    private volatile Throwable finding;
    private volatile boolean closed;

    RuntimeReader(Path directory) {
        super("runtime");
        this.directory = directory;
        setDaemon(true);
    }

    /** From here on pods get this network; or nothing is known, because others are at work. */
    void expect(Optional<String> network) {
        expected = network;
        expectation++;
    }

    /** Others write this, broken or not. */
    synchronized void allow(String text) {
        broken.add(text);
    }

    private synchronized boolean isAllowed(String text) {
        return broken.contains(text);
    }

    void judge() {
        if (finding != null) {
            throw new AssertionError(finding);
        }
    }

    /** It is not interrupted: that would close what it reads. */
    @Override
    public void close() {
        closed = true;
        try {
            join();
        } catch (InterruptedException e) {
            currentThread().interrupt();
        }
    }

    @Override
    public void run() {
        try {
            while (!closed && finding == null) {
                look();
            }
        } catch (IOException | RuntimeException | AssertionError e) {
            finding = e;
        }
    }

    private void look() throws IOException {
        int number = expectation;
        Optional<String> network = expected;
        SortedMap<String, String> texts = LibCni.read(directory);
        for (Map.Entry<String, String> file : texts.entrySet()) {
            boolean valid = LibCni.network(file.getKey(), file.getValue()).isPresent();
            if (!valid && !isAllowed(file.getValue())) {
                throw new AssertionError("we broke " + file);
            }
            if (LibCni.entries(file.getValue()) > 1) {
                throw new AssertionError("several entries: " + file);
            }
        }
        Optional<String> found = LibCni.first(texts).map(name -> LibCni.network(name, texts.get(name))
                .orElseThrow()
                .path("name")
                .asText());
        if (network.isPresent() && number == expectation && !network.equals(found)) {
            throw new AssertionError("pods should get " + network + ", but would get " + found + ": " + texts);
        }
    }
}

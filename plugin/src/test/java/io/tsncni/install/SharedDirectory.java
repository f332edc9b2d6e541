// SPDX-License-Identifier: Apache-2.0
package io.tsncni.install;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.tsncni.install.Installer.Installed;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** A runtime's directory, what others have put into it, and a thread that looks at it as a runtime does, all the time. */
final class SharedDirectory implements AutoCloseable {
    /** Installing must not wait for a disk here. */
    private static final Path MEMORY = Path.of("/dev/shm");

    private static final List<Path> MADE = new ArrayList<>();

    private final Path base;
    private final Path directory;
    private final Path binDir;
    private final Path shim;
    private final InterruptedFiles files = new InterruptedFiles();
    private final RuntimeReader reader;

    /** What would be there without us. */
    private final SortedMap<String, String> others = new TreeMap<>();

    private SharedDirectory(Path base) throws IOException {
        this.base = base;
        directory = Files.createDirectory(base.resolve("net.d"));
        binDir = base.resolve("bin");
        shim = Files.writeString(base.resolve("shim"), "tsn-cni-shim 0");
        reader = new RuntimeReader(directory);
        reader.start();
    }

    static SharedDirectory create() {
        try {
            Path base = Files.isWritable(MEMORY)
                    ? Files.createTempDirectory(MEMORY, "tsn-test")
                    : Files.createTempDirectory("tsn-test");
            synchronized (MADE) {
                MADE.add(base);
            }
            return new SharedDirectory(base);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Also those of histories that failed. */
    static void removeAll() throws IOException {
        synchronized (MADE) {
            for (Path base : MADE) {
                try (Stream<Path> all = Files.walk(base)) {
                    for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                        Files.deleteIfExists(path);
                    }
                }
            }
            MADE.clear();
        }
    }

    private Installer installer(String nic) {
        return Installer.of(
                new ShimFile(shim, binDir, files),
                directory,
                Optional.of(JsonNodeFactory.instance.objectNode().put("egress", nic)),
                files);
    }

    Installed install(String nic) throws IOException {
        return watched(() -> installer(nic).install());
    }

    void uninstall() throws IOException {
        watched(() -> installer("").uninstall());
    }

    /** Does one of the two until a step of it, and no more. */
    void crash(int at, boolean install, String nic) throws IOException {
        files.interruptAt(at, () -> {
            throw new Crash();
        });
        try {
            if (install) {
                install(nic);
            } else {
                uninstall();
            }
        } catch (Crash e) {
            reader.judge();
        }
        files.interruptNever();
    }

    /** Installs while another writes; the other's word counts. */
    void race(int at, String nic, String name, String text) throws IOException {
        files.interruptAt(at, () -> write(name, text));
        installer(nic).install();
        files.interruptNever();
        install(nic);
        assertInstalled(nic);
    }

    /** By the name that its owner gave it. */
    String first() throws IOException {
        String name = LibCni.first(LibCni.read(directory)).orElse("10-b.conf");
        return LibCni.madeFrom(LibCni.read(directory).getOrDefault(name, "{}")).orElse(name);
    }

    /** In one go: else the reader could not tell whose half file it sees. */
    void write(String name, String text) throws IOException {
        reader.expect(Optional.empty());
        others.put(name, text);
        reader.allow(text);
        Path whole = Files.writeString(base.resolve("whole"), text);
        Files.move(whole, directory.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }

    void delete(String name) throws IOException {
        reader.expect(Optional.empty());
        if (Files.deleteIfExists(directory.resolve(name))) {
            others.remove(name);
        }
    }

    void remake() throws IOException {
        reader.expect(Optional.empty());
        others.clear();
        try (Stream<Path> all = Files.list(directory)) {
            for (Path file : all.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(directory);
        Files.createDirectory(directory);
    }

    private interface Work<T> {
        T run() throws IOException;
    }

    /** While we work alone, pods that get the network that they would get without us go on to do so. */
    private <T> T watched(Work<T> work) throws IOException {
        // A plain configuration may be broken or gone since a list was made of it; that is used until somebody acts.
        Optional<String> there = firstNetwork(LibCni.read(directory));
        reader.expect(there.equals(firstNetwork(others)) ? there : Optional.empty());
        T result = work.run();
        reader.expect(Optional.empty());
        return result;
    }

    private static Optional<String> firstNetwork(Map<String, String> texts) {
        return LibCni.first(texts)
                .flatMap(name -> LibCni.network(name, texts.get(name)))
                .map(network -> network.path("name").asText());
    }

    /** The last installation has come to its end: the entry is in the first network once, if that takes one. */
    void assertInstalled(String nic) throws IOException {
        reader.judge();
        SortedMap<String, String> texts = LibCni.read(directory);
        Optional<String> first = LibCni.first(texts);
        int entries = texts.values().stream().mapToInt(LibCni::entries).sum();
        boolean possible = first.isPresent()
                && takesAnEntry(
                        LibCni.network(first.get(), texts.get(first.get())).orElseThrow());
        assertEquals(possible ? 1 : 0, entries, texts.toString());
        if (possible) {
            JsonNode plugins = LibCni.network(first.get(), texts.get(first.get()))
                    .orElseThrow()
                    .path("plugins");
            JsonNode last = plugins.get(plugins.size() - 1);
            assertEquals("tsn", last.path("type").asText(), texts.toString());
            assertEquals(nic, last.path("egress").asText(), texts.toString());
        }
        EntryState state = installer(nic).install().state();
        assertEquals(possible, state instanceof EntryState.Inserted, state.toString());
        assertEquals(texts, LibCni.read(directory), "a second installation changed something");
        assertEquals("tsn-cni-shim 0", Files.readString(binDir.resolve("tsn")));
    }

    /** No plugin of type tsn that somebody else wants there, and a version that we speak. */
    private static boolean takesAnEntry(JsonNode network) {
        JsonNode plugins = network.has("plugins")
                ? network.get("plugins")
                : JsonNodeFactory.instance.arrayNode().add(network);
        for (JsonNode plugin : plugins) {
            if (plugin.path("type").asText().equals("tsn") && !plugin.has("installedBy")) {
                return false;
            }
        }
        return network.path("cniVersion").asText().equals("1.0.0");
    }

    /** The last removal has come to its end: everything is as the others left it, and nothing else is there. */
    void assertUntouched() throws IOException {
        reader.judge();
        SortedMap<String, String> there = new TreeMap<>();
        try (Stream<Path> all = Files.list(directory)) {
            for (Path file : all.toList()) {
                there.put(file.getFileName().toString(), Files.readString(file));
            }
        }
        assertEquals(others, there);
        if (Files.isDirectory(binDir)) {
            try (Stream<Path> left = Files.list(binDir)) {
                boolean needed = others.entrySet().stream()
                        .anyMatch(file ->
                                LibCni.network(file.getKey(), file.getValue()).isPresent()
                                        && file.getValue().contains("\"tsn\""));
                if (!needed) {
                    assertEquals(List.of(), left.toList());
                }
            }
        }
    }

    @Override
    public void close() {
        reader.close();
        reader.judge();
    }

    private static final class Crash extends Error {
        private static final long serialVersionUID = 1;
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.install;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.cni.CniException;
import io.tsncni.install.HostFiles.Access;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What tsn-proxy (github.com/EricssonResearch/tsn-proxy, 4a9e420) has on a node's disk: its script, under the very name
 * that our shim has, what the script needs, in a directory beside it, and an entry in a runtime's list of plugins.
 */
public final class TsnProxyFiles {
    /** For messages. */
    public static final String HOW_TO_REPLACE =
            "to see what would be replaced: tsnd migrate tsn-proxy; to replace it: tsnd migrate tsn-proxy --replace";

    static final String DIRECTORY = "tsn-metadata-proxy";

    /** Its own. An entry with others was written by somebody who knows tsn-cni. */
    private static final String NIC = "tsnIfname";

    private static final String HOOK = "tsnIngressOrEgress";
    private static final Set<String> KEYS = Set.of("type", NIC, HOOK);

    private static final List<String> FILES = List.of(
            "bpftool",
            "garbage_collector.bpf.o",
            "install.sh",
            "jq",
            "restorer.bpf.o",
            "saver.bpf.o",
            "tracking.bpf.o");

    /** As often somebody else may be quicker. */
    private static final int ATTEMPTS = 5;

    private final ShimFile shim;
    private final Path directory;
    private final Path confDir;
    private final HostFiles files;

    public TsnProxyFiles(ShimFile shim, Path confDir) {
        this(shim, confDir, new HostFiles());
    }

    TsnProxyFiles(ShimFile shim, Path confDir, HostFiles files) {
        this.shim = shim;
        this.directory = shim.path().resolveSibling(DIRECTORY);
        this.confDir = confDir.toAbsolutePath();
        this.files = files;
    }

    /**
     * @param egress what the entry names as the NIC; empty if it names none
     * @param hook of that NIC
     */
    public record Entry(Path file, Optional<String> egress, Optional<String> hook) {
        @Override
        public String toString() {
            return file + ": its entry, " + egress.map(nic -> "NIC " + nic).orElse("no NIC");
        }
    }

    /**
     * @param script and the directory of its helpers, those that are there
     * @param copies of the entry where no runtime looks for plugins: in Multus's configuration, say, which has the whole of
     *     the network that it found
     */
    public record Found(List<Entry> entries, Optional<Path> script, Optional<Path> directory, List<Path> copies) {
        public static final Found NOTHING = new Found(List.of(), Optional.empty(), Optional.empty(), List.of());

        public boolean isEmpty() {
            return entries.isEmpty() && script.isEmpty() && directory.isEmpty();
        }
    }

    public Found find() throws IOException {
        Predicate<ObjectNode> its = its();
        List<Entry> entries = new ArrayList<>();
        List<Path> copies = new ArrayList<>();
        for (NetworkFile network : NetworkFile.in(confDir)) {
            List<ObjectNode> plugins = plugins(network);
            plugins.stream().filter(its).forEach(plugin -> entries.add(entry(network.path(), plugin)));
            if (count(network.json(), its) > plugins.stream().filter(its).count()) {
                copies.add(network.path());
            }
        }
        return new Found(
                entries,
                Optional.of(shim.path()).filter(path -> shim.isTsnProxys()),
                Optional.of(directory).filter(Files::isDirectory),
                copies);
    }

    /** Those of the file itself, which are the ones that its installer adds to. */
    private static List<ObjectNode> plugins(NetworkFile network) {
        List<ObjectNode> plugins = new ArrayList<>();
        if (network.isList()) {
            network.json().path("plugins").forEach(plugin -> plugins.add((ObjectNode) plugin));
        }
        return plugins;
    }

    private static Entry entry(Path file, ObjectNode plugin) {
        return new Entry(file, text(plugin, NIC), text(plugin, HOOK));
    }

    private static Optional<String> text(ObjectNode plugin, String key) {
        return Optional.of(plugin.path(key).asText()).filter(value -> !value.isEmpty());
    }

    private static long count(JsonNode json, Predicate<ObjectNode> which) {
        long found = json instanceof ObjectNode object && which.test(object) ? 1 : 0;
        for (JsonNode child : json) {
            found += count(child, which);
        }
        return found;
    }

    /** An entry with no more than its type may be ours as well; then it counts whether tsn-proxy is here at all. */
    private Predicate<ObjectNode> its() {
        boolean here = shim.isTsnProxys() || Files.isDirectory(directory);
        return plugin -> isIts(plugin) || here && isBare(plugin);
    }

    /** Whoever made it, only tsn-proxy has a use for it. */
    static boolean isIts(ObjectNode plugin) {
        return isBare(plugin) && plugin.has(HOOK);
    }

    private static boolean isBare(ObjectNode plugin) {
        for (Iterator<String> keys = plugin.fieldNames(); keys.hasNext(); ) {
            if (!KEYS.contains(keys.next())) {
                return false;
            }
        }
        return plugin.path("type").asText().equals(ShimFile.NAME);
    }

    /**
     * Puts our shim in the place of its script, and our entry in the place of its. At each step a pod that starts finds a
     * plugin that knows its entry: our shim takes tsn-proxy's for its own.
     *
     * @param keys of the entry, if there is to be one
     * @return what was done, a line each, for people
     */
    public List<String> replace(Optional<ObjectNode> keys) throws IOException {
        List<String> said = new ArrayList<>();
        boolean script = shim.isTsnProxys();
        if (shim.installOverTsnProxys()) {
            said.add(shim.path() + ": tsn-cni's plugin" + (script ? ", in the place of its script" : ""));
        }
        files.sweep(confDir, false);
        Optional<Path> first = NetworkFile.in(confDir).stream().findFirst().map(NetworkFile::path);
        for (NetworkFile network : NetworkFile.in(confDir)) {
            if (plugins(network).stream().anyMatch(its())) {
                Optional<ObjectNode> entry = keys.filter(
                                wanted -> Optional.of(network.path()).equals(first))
                        .map(NetworkFile::entry);
                said.add(replaceIn(network.path(), entry));
            }
        }
        return said;
    }

    private String replaceIn(Path file, Optional<ObjectNode> entry) throws IOException {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Optional<NetworkFile> network = NetworkFile.read(file);
            if (network.isEmpty()) {
                return file + ": gone, or somebody is about to write it; run it again";
            }
            Optional<String> text = text(network.get(), entry);
            if (text.isEmpty()) {
                return file + ": its entry stays: the list would have no plugin left; remove the file";
            }
            if (put(network.get(), text.get())) {
                boolean ours =
                        NetworkFile.read(file).filter(NetworkFile::hasOurs).isPresent();
                return file + ": " + (ours ? "tsn-cni's entry, in the place of its" : "its entry is taken out");
            }
        }
        throw new IOException("others keep changing " + file + "; run it again when they are done");
    }

    private boolean put(NetworkFile network, String text) throws IOException {
        try {
            // Where a link leads, so that it stays a link.
            Path real = network.path().toRealPath();
            return files.put(
                    real, text.getBytes(StandardCharsets.UTF_8), Access.of(network.path()), network::isUnchanged);
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    /** Empty if no plugin would be left. */
    private Optional<String> text(NetworkFile network, Optional<ObjectNode> entry) throws IOException {
        try {
            String path = network.path().toString();
            PluginsText plugins = PluginsText.of(path, network.text());
            Optional<String> without = plugins.without(its(), 0);
            if (without.isEmpty()
                    || entry.isEmpty()
                    || network.with(without.get())
                            .flatMap(NetworkFile::obstacle)
                            .isPresent()) {
                return without;
            }
            if (network.hasOurs()) {
                return without;
            }
            // In one step: the first becomes ours, where it is, and the others go.
            String once = plugins.without(its(), 1).orElseThrow();
            return Optional.of(PluginsText.of(path, once).replace(its(), entry.get()));
        } catch (CniException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /** What its script needed. Last of all: as long as it is there, a bare entry is known to be its. */
    public List<String> removeDirectory() throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        for (String name : FILES) {
            files.delete(directory.resolve(name));
        }
        try {
            files.delete(directory);
            return List.of(directory + ": removed");
        } catch (DirectoryNotEmptyException e) {
            return List.of(directory + ": stays, there is more in it than tsn-proxy's files; remove it by hand");
        }
    }
}

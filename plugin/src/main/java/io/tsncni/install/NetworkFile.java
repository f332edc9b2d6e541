// SPDX-License-Identifier: Apache-2.0
package io.tsncni.install;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.cni.CniException;
import io.tsncni.cni.CniVersion;
import io.tsncni.cni.ConfFiles;
import io.tsncni.cni.JsonText;
import io.tsncni.cni.NetworkConfigList;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A network configuration in the runtime's directory, as it was when it was read. */
record NetworkFile(Path path, String text, ObjectNode json, NetworkConfigList network) {
    /** The key that tells our entry from one that the operator wrote. */
    static final String INSTALLED_BY = "installedBy";

    private static final String US = "tsnd";
    private static final String MADE_FROM = "madeFrom";

    /**
     * Those that a runtime could use, in its order. containerd, CRI-O and, of old, the kubelet take the first file by name that
     * has one of these suffixes; CRI-O and the kubelet skip what is no configuration, containerd waits until it is one.
     */
    static List<NetworkFile> in(Path directory) throws IOException {
        try {
            return ConfFiles.in(directory, List.of(ConfFiles.PLAIN, ConfFiles.LIST, ConfFiles.JSON)).stream()
                    .flatMap(file -> read(file).stream())
                    .toList();
        } catch (CniException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /** Empty if it is no configuration that pods could get, or gone: someone may be about to write it. */
    static Optional<NetworkFile> read(Path path) {
        try {
            return of(path, ConfFiles.text(path));
        } catch (CniException e) {
            return Optional.empty();
        }
    }

    private static Optional<NetworkFile> of(Path path, String text) {
        try {
            ObjectNode json = JsonText.parseObject(path.toString(), text);
            if (isList(path)) {
                // It means nothing here, but makes a plain configuration elsewhere.
                json.remove("type");
            } else if (json.path("type").asText().isEmpty()) {
                return Optional.empty();
            }
            return Optional.of(new NetworkFile(path, text, json, ConfFiles.network(path, json.deepCopy())));
        } catch (CniException e) {
            return Optional.empty();
        }
    }

    /** The same file with another text; empty if that would be no configuration. */
    Optional<NetworkFile> with(String changed) {
        return of(path, changed);
    }

    private static boolean isList(Path path) {
        return path.toString().endsWith(ConfFiles.LIST);
    }

    boolean isList() {
        return isList(path);
    }

    private static boolean isTsn(ObjectNode plugin) {
        return plugin.path("type").asText().equals(ShimFile.NAME);
    }

    static boolean isOurs(ObjectNode plugin) {
        return isTsn(plugin) && plugin.path(INSTALLED_BY).asText().equals(US);
    }

    /** An entry that {@link #isOurs}. */
    static ObjectNode entry(ObjectNode keys) {
        ObjectNode entry = keys.objectNode();
        entry.put("type", ShimFile.NAME);
        entry.setAll(keys);
        return entry.put(INSTALLED_BY, US);
    }

    /** The key that says of a list what plain configuration tsnd has made it of. */
    static ObjectNode madeFrom(Path plain) {
        return JsonNodeFactory.instance
                .objectNode()
                .put(MADE_FROM, plain.getFileName().toString());
    }

    /** Whether it is a list that tsnd has made. */
    boolean isMade() {
        return isList() && json.path(MADE_FROM).isTextual();
    }

    boolean isMadeFrom(NetworkFile plain) {
        return json.path(MADE_FROM).asText().equals(plain.path.getFileName().toString());
    }

    /** Of a list that tsnd has made: neither the plain configuration's plugin, which is the first, nor our entry. */
    List<ObjectNode> addedByOthers() {
        return network.plugins().stream()
                .skip(1)
                .filter(plugin -> !isOurs(plugin))
                .toList();
    }

    /** Whether it is the network of that text, our entry last or wherever others have put theirs behind it. */
    boolean hasPluginsOf(String text) {
        try {
            NetworkConfigList other = ConfFiles.network(path, JsonText.parseObject(path.toString(), text));
            return other.name().equals(network.name())
                    && other.cniVersion().equals(network.cniVersion())
                    && sorted(other).equals(sorted(network));
        } catch (CniException e) {
            return false;
        }
    }

    private static List<ObjectNode> sorted(NetworkConfigList list) {
        return list.plugins().stream()
                .sorted(Comparator.comparing(NetworkFile::isOurs))
                .toList();
    }

    boolean hasOurs() {
        return network.plugins().stream().anyMatch(NetworkFile::isOurs);
    }

    /** Anywhere in it: Multus writes the network that it found into its own configuration, entry and all. */
    Optional<ObjectNode> copyOfOurs() {
        return json.findParents(INSTALLED_BY).stream()
                .flatMap(parent -> parent instanceof ObjectNode plugin ? Stream.of(plugin) : Stream.empty())
                .filter(NetworkFile::isOurs)
                .findFirst();
    }

    /** Whether its pods need the shim, for whatever reason. */
    boolean needsShim() {
        return network.plugins().stream().anyMatch(NetworkFile::isTsn)
                || json.findValues("type").stream().map(JsonNode::asText).anyMatch(ShimFile.NAME::equals);
    }

    /** Why there must be no entry of ours, if so. */
    Optional<String> obstacle() {
        if (isList() && network.plugins().stream().anyMatch(TsnProxyFiles::isIts)) {
            return Optional.of(path + " has tsn-proxy's entry; " + TsnProxyFiles.HOW_TO_REPLACE);
        }
        if (network.plugins().stream().anyMatch(plugin -> isTsn(plugin) && !(isList() && isOurs(plugin)))) {
            return Optional.of(path + " has a plugin of type tsn of its own, which stays as it is");
        }
        if (isList() && json.path("plugins").isEmpty()) {
            return Optional.of(path + " has all its plugins in the directory " + network.name()
                    + " beside it; put the entry there, as a file whose name comes last");
        }
        if (network.plugins().stream().allMatch(NetworkFile::isOurs)) {
            return Optional.of(path + " has no plugin that the entry could go behind");
        }
        String version = network.cniVersion().orElse("");
        if (CniVersion.of(version).isEmpty()) {
            return Optional.of(path + ": cniVersion: "
                    + (version.isEmpty() ? "not there, which means 0.1.0," : "'" + version + "'")
                    + " is not spoken by tsn; make it one of " + CniVersion.supported());
        }
        return Optional.empty();
    }

    /** Whether nobody has changed it since. */
    boolean isUnchanged() throws IOException {
        try {
            return Arrays.equals(Files.readAllBytes(path), text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchFileException e) {
            return false;
        }
    }
}

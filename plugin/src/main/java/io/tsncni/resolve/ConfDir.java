// SPDX-License-Identifier: Apache-2.0
package io.tsncni.resolve;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.cni.CniErrorCode;
import io.tsncni.cni.CniException;
import io.tsncni.cni.ConfFiles;
import io.tsncni.cni.JsonText;
import io.tsncni.cni.NetworkConfigList;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Network configurations in files, found by their name or by their path. */
public record ConfDir(Path directory) {
    private static final System.Logger LOG = System.getLogger(ConfDir.class.getName());

    /** The first in the order of the files' names whose {@code name} is this one. */
    public Optional<NetworkConfigList> named(String name) throws CniException {
        for (Path file : ConfFiles.in(directory, List.of(ConfFiles.PLAIN, ConfFiles.JSON, ConfFiles.LIST))) {
            Optional<ObjectNode> json = readIfJson(file);
            if (json.isPresent() && json.get().path("name").asText().equals(name)) {
                return Optional.of(ConfFiles.network(file, json.get()));
            }
        }
        return Optional.empty();
    }

    /** Someone else's file must not hide the one that is looked for. */
    private static Optional<ObjectNode> readIfJson(Path file) {
        try {
            return Optional.of(read(file));
        } catch (CniException e) {
            LOG.log(Level.WARNING, "skipped: {0}", e.getMessage());
            return Optional.empty();
        }
    }

    /**
     * @param path of a file, or of a directory whose first configuration counts
     */
    public static NetworkConfigList load(String path) throws CniException {
        try {
            Path named = Path.of(path);
            Path file = Files.isDirectory(named)
                    ? ConfFiles.in(named, List.of(ConfFiles.PLAIN, ConfFiles.LIST)).stream()
                            .findFirst()
                            .orElseThrow(() -> absent(path, "has no .conf or .conflist file"))
                    : named;
            if (!Files.exists(file)) {
                throw absent(path, "there is no such file");
            }
            return ConfFiles.network(file, read(file));
        } catch (InvalidPathException e) {
            throw CniException.config(path.replaceAll("\\p{Cntrl}", "?"), "cannot be a path: " + e.getReason());
        }
    }

    /** It is another plugin's, which may still be installing it. */
    private static CniException absent(String path, String problem) {
        return new CniException(
                CniErrorCode.TRY_AGAIN_LATER, path + ": " + problem + "; its network is not set up yet");
    }

    private static ObjectNode read(Path file) throws CniException {
        return JsonText.parseObject(file.toString(), ConfFiles.text(file));
    }
}

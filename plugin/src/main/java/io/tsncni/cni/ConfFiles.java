// SPDX-License-Identifier: Apache-2.0
package io.tsncni.cni;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Files with network configurations, as libcni finds and reads them. */
public final class ConfFiles {
    public static final String LIST = ".conflist";
    public static final String PLAIN = ".conf";
    public static final String JSON = ".json";

    private ConfFiles() {}

    /** In the order of their names; none if there is no such directory. */
    public static List<Path> in(Path directory, List<String> suffixes) throws CniException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(directory)) {
            return all.filter(file -> suffixes.stream().anyMatch(file.toString()::endsWith))
                    .filter(Files::isRegularFile)
                    .sorted(Comparator.comparing(file -> file.getFileName().toString()))
                    .toList();
        } catch (IOException e) {
            throw new CniException(CniErrorCode.IO_FAILURE, directory + ": cannot be listed", e);
        }
    }

    public static String text(Path file) throws CniException {
        try {
            // UTF-8 has at most three bytes for what Java counts as a character.
            if (Files.size(file) > 3L * JsonText.LENGTH_MAX) {
                throw CniException.config(file.toString(), "has " + Files.size(file) + " bytes, too many to be read");
            }
            return Files.readString(file);
        } catch (CharacterCodingException e) {
            throw CniException.config(file.toString(), "not UTF-8");
        } catch (IOException e) {
            throw new CniException(CniErrorCode.IO_FAILURE, file + ": cannot be read", e);
        }
    }

    /** @param json what is in the file; a list gets the plugins that libcni would add to it */
    public static NetworkConfigList network(Path file, ObjectNode json) throws CniException {
        if (file.toString().endsWith(LIST)) {
            appendChain(file, json);
        }
        return NetworkConfigList.parse(file.toString(), json, Optional.empty());
    }

    /** libcni: a list goes on with the files in the directory beside it that has the network's name. */
    private static void appendChain(Path file, ObjectNode json) throws CniException {
        String name = json.path("name").asText();
        boolean onlyInlined = json.path("loadOnlyInlinedPlugins").asText().equalsIgnoreCase("true");
        if (onlyInlined || !PluginConf.isNetworkName(name)) {
            return;
        }
        List<Path> files = in(file.resolveSibling(name), List.of(PLAIN));
        if (!files.isEmpty() && !json.hasNonNull("plugins")) {
            json.putArray("plugins");
        }
        if (json.get("plugins") instanceof ArrayNode plugins) {
            for (Path plugin : files) {
                plugins.add(JsonText.parseObject(plugin.toString(), text(plugin)));
            }
        }
    }
}

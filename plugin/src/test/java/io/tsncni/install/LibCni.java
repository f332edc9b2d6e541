// SPDX-License-Identifier: Apache-2.0
package io.tsncni.install;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What libcni makes of a directory, in the way of CRI-O and the kubelet. Written apart from the code that it judges. */
final class LibCni {
    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private LibCni() {}

    /** By name; looks again when one goes between the listing and the reading, as runtimes do when inotify tells them. */
    static SortedMap<String, String> read(Path directory) throws IOException {
        while (true) {
            SortedMap<String, String> texts = new TreeMap<>();
            try {
                List<Path> files;
                try (Stream<Path> all = Files.list(directory)) {
                    files = all.toList();
                }
                for (Path file : files) {
                    if (file.toString().matches(".*\\.(conf|conflist|json)")) {
                        texts.put(file.getFileName().toString(), Files.readString(file));
                    }
                }
                return texts;
            } catch (NoSuchFileException | NotDirectoryException e) {
                if (!Files.isDirectory(directory)) {
                    return new TreeMap<>();
                }
            }
        }
    }

    /** The plugins of a network, in their order; empty if the file is none. */
    static Optional<JsonNode> network(String name, String text) {
        try {
            JsonNode json = JSON.readTree(text);
            boolean list = name.endsWith(".conflist");
            boolean valid = list
                    ? json.path("name").isTextual() && !json.path("plugins").isEmpty()
                    : !json.path("type").asText().isEmpty();
            return valid ? Optional.of(json) : Optional.empty();
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }

    /** The file that pods get their network from. */
    static Optional<String> first(Map<String, String> texts) {
        return texts.keySet().stream()
                .filter(name -> network(name, texts.get(name)).isPresent())
                .findFirst();
    }

    /** The file that tsnd has made a list of. */
    static Optional<String> madeFrom(String text) {
        Matcher key = Pattern.compile("\"madeFrom\": ?\"([^\"]*)\"").matcher(text);
        return key.find() ? Optional.of(key.group(1)) : Optional.empty();
    }

    /** How often a text has an entry that tsnd made. */
    static int entries(String text) {
        return text.split("\"installedBy\"", -1).length - 1;
    }
}

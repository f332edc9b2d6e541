// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import com.fasterxml.jackson.databind.JsonNode;
import io.tsncni.testbed.Shell;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A directory with one image, as OCI's image layout specification has it. */
record OciLayout(Path directory) {
    /** What names the image and everything in it. */
    String digest() {
        return json(directory.resolve("index.json")).at("/manifests/0/digest").asText();
    }

    JsonNode manifest() {
        return blob(digest());
    }

    /** Of the image: its entry point, labels, layers. */
    JsonNode config() {
        return blob(manifest().at("/config/digest").asText());
    }

    /** Its files, with their owners and modes. */
    void unpack(Path root) {
        for (JsonNode layer : manifest().path("layers")) {
            Shell.run("tar", "-xpzf", file(layer.path("digest").asText()).toString(), "-C", root.toString());
        }
    }

    private JsonNode blob(String digest) {
        return json(file(digest));
    }

    private Path file(String digest) {
        return directory.resolve("blobs").resolve(digest.replace(':', '/'));
    }

    private static JsonNode json(Path file) {
        try {
            return Nodes.json(Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException("an image, which './tsn test --image' builds", e);
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import com.fasterxml.jackson.databind.JsonNode;
import com.marcnuri.helm.Helm;
import io.tsncni.testbed.Artifacts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The Helm chart in deploy/, rendered by helm's own code. */
final class Chart {
    private Chart() {}

    static Path directory() {
        return Artifacts.fromSystemProperties().manifest("helm/tsn-cni");
    }

    /** @param values YAML, over those of the chart */
    static String rendered(String values) {
        try {
            Path file = Files.createTempFile("values", ".yaml");
            try {
                Files.writeString(file, values);
                return new Helm(directory())
                        .template()
                        .withName("tsn-cni")
                        .withNamespace("kube-system")
                        .withValuesFile(file)
                        .call();
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The documents of a manifest. */
    static List<JsonNode> objects(String manifest) {
        List<JsonNode> objects = new ArrayList<>();
        for (Object document : new Load(LoadSettings.builder().build()).loadAllFromString(manifest)) {
            if (document != null) {
                objects.add(Nodes.JSON.valueToTree(document));
            }
        }
        return objects;
    }

    static JsonNode object(String manifest, String kind) {
        return objects(manifest).stream()
                .filter(object -> object.path("kind").asText().equals(kind))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + kind + " in " + manifest));
    }
}

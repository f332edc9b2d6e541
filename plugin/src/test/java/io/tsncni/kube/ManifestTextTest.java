// SPDX-License-Identifier: Apache-2.0
package io.tsncni.kube;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ManifestTextTest {
    private static final String YAML =
            """
            kind: ConfigMap
            apiVersion: v1
            metadata: {name: wanted}
            data:
              A: "on"
            """;
    private static final String JSON =
            "{\"kind\": \"ConfigMap\", \"metadata\": {\"name\": \"wanted\"}, \"data\": {\"A\": \"on\"}}";

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** One object, a manifest of several, what kubectl prints of more than one. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                YAML,
                "# A comment.\n---\n" + YAML + "---\nkind: DaemonSet\nmetadata: {name: other}\n",
                "---\nkind: DaemonSet\nspec: {}\n---\n" + YAML,
                JSON,
                "{\"kind\": \"List\", \"items\": [{\"kind\": \"Pod\"}, " + JSON + "]}"
            })
    void theConfigMapIsFound(String text) throws IOException {
        assertEquals(
                "wanted",
                ManifestText.configMap("-", bytes(text)).at("/metadata/name").asText());
        assertEquals(
                "on", ManifestText.configMap("-", bytes(text)).at("/data/A").asText());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "kind: DaemonSet\n", "not: [closed", "text", "# comment\n", "{\"items\": []}"})
    void whatIsNoneIsRefusedByTheFilesName(String text) {
        IOException refusal = assertThrows(IOException.class, () -> ManifestText.configMap("cm.yaml", bytes(text)));
        assertTrue(refusal.getMessage().startsWith("cm.yaml: "), refusal.getMessage());
    }

    @Test
    void aRunOfDashesWithinATextIsNoBorder() throws IOException {
        String text = YAML + "  B: |\n    ---\n    more\n";
        assertEquals(
                "---\nmore\n",
                ManifestText.configMap("-", bytes(text)).at("/data/B").asText());
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Objects of Kubernetes as somebody has written them to a file, YAML or JSON. */
public final class ManifestText {
    private ManifestText() {}

    /**
     * The first ConfigMap among one or more documents, or in a list.
     *
     * @param from for messages
     */
    public static JsonNode configMap(String from, byte[] text) throws IOException {
        KubernetesSerialization yaml = new KubernetesSerialization(new ObjectMapper(), false);
        for (String document : new String(text, StandardCharsets.UTF_8).split("(?m)^---\\s*$")) {
            if (document.isBlank()) {
                continue;
            }
            try {
                JsonNode object = yaml.convertValue(yaml.unmarshal(document, Object.class), JsonNode.class);
                for (JsonNode one : object.has("items")
                        ? object.path("items")
                        : new ObjectMapper().createArrayNode().add(object)) {
                    if (one.path("kind").asText().equals("ConfigMap")) {
                        return one;
                    }
                }
            } catch (RuntimeException e) {
                throw new IOException(from + ": neither YAML nor JSON: " + e.getMessage(), e);
            }
        }
        throw new IOException(from + ": no ConfigMap in it; expected what kubectl get configmap -o yaml prints");
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.kube;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/** What an informer keeps of an object: all of it would be many times as much, on every node, for months. */
@JsonIgnoreProperties(ignoreUnknown = true)
// Not the deserializer of KubernetesResource, which looks for the class that we name.
@JsonDeserialize(using = JsonDeserializer.None.class)
abstract class Trimmed implements HasMetadata, Namespaced {
    private static final long serialVersionUID = 1L;

    /** The whole object once more. */
    private static final String LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

    private ObjectMeta metadata = new ObjectMeta();

    @Override
    public ObjectMeta getMetadata() {
        return metadata;
    }

    @Override
    public void setMetadata(ObjectMeta whole) {
        metadata = new ObjectMeta();
        metadata.setNamespace(whole.getNamespace());
        metadata.setName(whole.getName());
        metadata.setUid(whole.getUid());
        metadata.setResourceVersion(whole.getResourceVersion());
        metadata.setDeletionTimestamp(whole.getDeletionTimestamp());
        Map<String, String> annotations = new HashMap<>();
        Objects.requireNonNullElse(whole.getAnnotations(), Map.<String, String>of())
                .forEach((key, value) -> {
                    if (value != null && !key.equals(LAST_APPLIED)) {
                        annotations.put(key, value);
                    }
                });
        metadata.setAnnotations(Map.copyOf(annotations));
    }

    @Override
    public void setApiVersion(String version) {
        // The class says it.
    }
}

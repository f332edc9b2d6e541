// SPDX-License-Identifier: Apache-2.0
package io.tsncni.kube;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.Version;
import java.io.Serializable;
import java.util.Objects;

/** A NetworkAttachmentDefinition as fabric8 wants it. */
@Group("k8s.cni.cncf.io")
@Version("v1")
@Kind("NetworkAttachmentDefinition")
@Plural("network-attachment-definitions")
final class NadResource extends Trimmed {
    private static final long serialVersionUID = 1L;

    @JsonIgnoreProperties(ignoreUnknown = true)
    record Spec(String config) implements Serializable {
        private static final long serialVersionUID = 1L;
    }

    private Spec spec = new Spec("");

    public Spec getSpec() {
        return spec;
    }

    public void setSpec(Spec spec) {
        this.spec = spec;
    }

    NetworkAttachmentDefinition definition() {
        ObjectMeta metadata = getMetadata();
        String config = spec == null ? "" : Objects.requireNonNullElse(spec.config(), "");
        return new NetworkAttachmentDefinition(
                metadata.getNamespace(), metadata.getName(), metadata.getAnnotations(), config);
    }
}

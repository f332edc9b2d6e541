// SPDX-License-Identifier: Apache-2.0
package io.tsncni.kube;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.Version;
import java.io.Serializable;
import java.util.Objects;

/** A pod with next to nothing of its spec and its status. */
@Group("")
@Version("v1")
@Kind("Pod")
@Plural("pods")
final class PodResource extends Trimmed {
    private static final long serialVersionUID = 1L;

    /** What of a pod's spec matters here. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Spec(boolean hostNetwork) implements Serializable {}

    /** What of a pod's status matters here. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Status(String phase) implements Serializable {}

    private Spec spec = new Spec(false);
    private Status status = new Status("");

    @JsonProperty("spec")
    void setSpec(Spec spec) {
        this.spec = spec;
    }

    @JsonProperty("status")
    void setStatus(Status status) {
        this.status = status;
    }

    boolean runsInOwnNetwork() {
        return "Running".equals(status.phase)
                && !spec.hostNetwork
                && getMetadata().getDeletionTimestamp() == null;
    }

    PodInfo info() {
        ObjectMeta metadata = getMetadata();
        return new PodInfo(
                metadata.getNamespace(),
                metadata.getName(),
                Objects.requireNonNullElse(metadata.getUid(), ""),
                metadata.getAnnotations());
    }
}

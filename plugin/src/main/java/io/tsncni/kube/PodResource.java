// SPDX-License-Identifier: Apache-2.0
package io.tsncni.kube;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.Version;
import java.util.Objects;

/** A pod without its spec and its status. */
@Group("")
@Version("v1")
@Kind("Pod")
@Plural("pods")
final class PodResource extends Trimmed {
    private static final long serialVersionUID = 1L;

    PodInfo info() {
        ObjectMeta metadata = getMetadata();
        return new PodInfo(
                metadata.getNamespace(),
                metadata.getName(),
                Objects.requireNonNullElse(metadata.getUid(), ""),
                metadata.getAnnotations());
    }
}

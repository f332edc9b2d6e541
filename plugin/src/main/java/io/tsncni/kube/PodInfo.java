// SPDX-License-Identifier: Apache-2.0
package io.tsncni.kube;

import java.util.Map;
import java.util.Optional;

/**
 * What the agent knows of a pod.
 *
 * @param uid as the API server has it: for a static pod that is its mirror's, not the one that the runtime knows
 * @param annotations all but kubectl's copy of the whole pod
 */
public record PodInfo(String namespace, String name, String uid, Map<String, String> annotations) {
    private static final String CONFIG_SOURCE = "kubernetes.io/config.source";

    public PodInfo {
        annotations = Map.copyOf(annotations);
    }

    /** @param knownUid the runtime's, if it knows one: whether this is that pod, and not another of its name */
    public boolean isOf(Optional<String> knownUid) {
        return knownUid.isEmpty() || knownUid.get().equals(uid) || isStatic();
    }

    /** Whether the kubelet read it from a file or a URL. What the API server has is a mirror with a uid of its own. */
    public boolean isStatic() {
        return !annotations.getOrDefault(CONFIG_SOURCE, "api").equals("api");
    }
}

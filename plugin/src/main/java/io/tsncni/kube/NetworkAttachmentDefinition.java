// SPDX-License-Identifier: Apache-2.0
package io.tsncni.kube;

import java.util.Map;

/**
 * A NetworkAttachmentDefinition of {@code k8s.cni.cncf.io/v1}.
 *
 * @param config {@code spec.config}, empty if there is none
 */
public record NetworkAttachmentDefinition(
        String namespace, String name, Map<String, String> annotations, String config) {
    public static final String NAMESPACE_DEFAULT = "tsncni.io/namespace-default";

    public NetworkAttachmentDefinition {
        annotations = Map.copyOf(annotations);
    }

    /** Whether it is the policy of every pod of its namespace. */
    public boolean isNamespaceDefault() {
        return annotations.getOrDefault(NAMESPACE_DEFAULT, "").equals("true");
    }
}

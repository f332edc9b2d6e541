// SPDX-License-Identifier: Apache-2.0
package io.tsncni.resolve;

import java.util.Map;

/** What a pod has to say about its networks. */
public record PodFacts(String namespace, Map<String, String> annotations) {
    String annotation(String key) {
        return annotations.getOrDefault(key, "");
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.resolve;

import java.util.Map;

/**
 * What a NetworkAttachmentDefinition says.
 *
 * @param config {@code spec.config}, empty if there is none
 */
public record Nad(String namespace, String name, Map<String, String> annotations, String config) {}

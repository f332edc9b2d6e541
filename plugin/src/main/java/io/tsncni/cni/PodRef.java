// SPDX-License-Identifier: Apache-2.0
package io.tsncni.cni;

import java.util.Optional;

/**
 * The pod that a runtime calls us for, as CNI_ARGS name it.
 *
 * @param uid not every runtime tells it
 * @param infraContainerId the sandbox's container
 */
public record PodRef(String namespace, String name, Optional<String> uid, Optional<String> infraContainerId) {
    @Override
    public String toString() {
        return namespace + "/" + name;
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.resolve;

import io.tsncni.cni.CniException;
import io.tsncni.kube.NetworkAttachmentDefinition;
import java.util.Optional;

/** Where NetworkAttachmentDefinitions come from. */
@FunctionalInterface
public interface NadSource {
    /** Empty if there is none; an exception if nobody can tell. */
    Optional<NetworkAttachmentDefinition> nad(String namespace, String name) throws CniException;
}

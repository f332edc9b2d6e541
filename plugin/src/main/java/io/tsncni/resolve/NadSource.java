// SPDX-License-Identifier: Apache-2.0
package io.tsncni.resolve;

import io.tsncni.cni.CniException;
import java.util.Optional;

/** Where NetworkAttachmentDefinitions come from. */
@FunctionalInterface
public interface NadSource {
    /** Empty if there is none; an exception if nobody can tell. */
    Optional<Nad> nad(String namespace, String name) throws CniException;
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.delegate;

import io.tsncni.cni.CniErrorCode;
import io.tsncni.cni.CniException;
import java.util.List;

/** A configuration names a plugin that is in none of the directories, so nothing was run. */
final class NoSuchPluginException extends CniException {
    private static final long serialVersionUID = 1L;

    NoSuchPluginException(String type, List<String> directories) {
        super(
                CniErrorCode.INVALID_NETWORK_CONFIG,
                "type: no plugin '" + type + "' in " + (directories.isEmpty() ? "an empty CNI_PATH" : directories));
    }
}

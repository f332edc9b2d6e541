// SPDX-License-Identifier: Apache-2.0
package io.tsncni.resolve;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.cni.CniException;

record MetaConf(String binDir, boolean parallel) {
    static boolean isMeta(ObjectNode conf) {
        return conf.has("delegates") || conf.has("clusterNetwork");
    }

    static MetaConf parse(ObjectNode conf) throws CniException {
        throw CniException.config("delegates", "not yet");
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.resolve;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.cni.CniException;
import java.util.Optional;

/**
 * Our own entry in the list of a network that is on our own interface: we need not be called to do it.
 *
 * @param rest the network without it
 */
record OwnEntry(Optional<TsnConf> conf, Network rest) {
    static OwnEntry takenFrom(Network network, String ownType) throws CniException {
        Optional<ObjectNode> entry = network.list().plugins().stream()
                .filter(plugin -> isOwn(plugin.path("type").asText(), ownType))
                .findFirst();
        if (entry.isEmpty()) {
            return new OwnEntry(Optional.empty(), network);
        }
        String type = entry.get().path("type").asText();
        if (entry.get().has("delegate") || MetaConf.isMeta(entry.get())) {
            throw CniException.config(
                    "network " + network.displayName(), "'" + ownType + "' inside itself may have no delegates");
        }
        return new OwnEntry(
                Optional.of(TsnConf.parse(entry.get())),
                network.with(network.list().without(type)));
    }

    /** By the name that we are called by, or our own. */
    static boolean isOwn(String type, String ownType) {
        return type.equals(ownType) || type.equals(TsnConf.TYPE);
    }
}

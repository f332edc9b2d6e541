// SPDX-License-Identifier: Apache-2.0
package io.tsncni.resolve;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.cni.NetworkConfigList;
import java.util.Optional;

public record Network(
        String displayName,
        NetworkConfigList list,
        String ifName,
        ObjectNode capabilityArgs,
        Optional<NetworkSelectionElement> request,
        boolean isMaster) {
    Network with(NetworkConfigList other) {
        return new Network(displayName, other, ifName, capabilityArgs, request, isMaster);
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.resolve;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.cni.CniArgs;
import io.tsncni.cni.NetworkConfigList;
import java.util.Optional;

/**
 * One network of a pod, ready to be run.
 *
 * @param displayName in events and in the network status: {@code namespace/name} of its definition, else its CNI name
 * @param list with what the pod asks for already in it
 * @param ifName the interface that it makes
 * @param capabilityArgs the runtime's and the pod's, for {@link NetworkConfigList#pluginConf}
 * @param request the annotation's element, if there is one
 * @param isMaster whether its result is the pod's
 */
public record Network(
        String displayName,
        NetworkConfigList list,
        String ifName,
        ObjectNode capabilityArgs,
        Optional<NetworkSelectionElement> request,
        boolean isMaster) {

    /** CNI_ARGS for its ADD: those given, and the addresses that the pod asks for. */
    public CniArgs addArgs(CniArgs given) {
        CniArgs args = given;
        if (request.isPresent() && request.get().mac().isPresent()) {
            args = args.withMac(request.get().mac().get());
        }
        if (request.isPresent()
                && request.get().ips().filter(ips -> !ips.isEmpty()).isPresent()) {
            args = args.withIps(request.get().ips().get());
        }
        return args;
    }

    /** Whether it needs an interface that another network of the pod makes, and so has to wait for its turn. */
    boolean buildsOnOthers() {
        return list.plugins().stream()
                .anyMatch(plugin -> plugin.path("linkInContainer").asBoolean()
                        || plugin.path("linksInContainer").asBoolean()
                        || plugin.path("type").asText().equals("bond")
                        || plugin.path("type").asText().equals(TsnConf.TYPE) && plugin.has("interface"));
    }

    Network with(NetworkConfigList other) {
        return new Network(displayName, other, ifName, capabilityArgs, request, isMaster);
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.resolve;

import io.tsncni.cni.CniException;
import io.tsncni.cni.IpText;
import java.net.Inet4Address;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The networks of a pod in the order of their numbers.
 *
 * @param networks at least one, the first is the master
 */
public record NetworkPlan(List<Network> networks) {
    public NetworkPlan {
        networks = List.copyOf(networks);
    }

    static NetworkPlan of(List<Network> networks) throws CniException {
        requireOwnInterfaces(networks);
        requireOneGatewayAFamily(networks);
        return new NetworkPlan(networks);
    }

    /** As soon as one network asks for a default route, no other network keeps one. */
    public DefaultRoute defaultRoute(Network network) {
        return new DefaultRoute(networks.stream().anyMatch(NetworkPlan::asksForDefaultRoute), gateways(network));
    }

    private static boolean asksForDefaultRoute(Network network) {
        return network.request().flatMap(NetworkSelectionElement::defaultRoute).isPresent();
    }

    private static List<String> gateways(Network network) {
        return network.request().flatMap(NetworkSelectionElement::defaultRoute).orElse(List.of());
    }

    private static void requireOwnInterfaces(List<Network> networks) throws CniException {
        Map<String, Network> taken = new HashMap<>();
        for (Network network : networks) {
            Network before = taken.put(network.ifName(), network);
            if (before != null) {
                throw CniException.config(
                        NetworkSelections.NETWORKS,
                        "the interface '" + network.ifName() + "' would be made by both " + before.displayName()
                                + " and " + network.displayName() + "; ask for another name");
            }
        }
    }

    private static void requireOneGatewayAFamily(List<Network> networks) throws CniException {
        Map<Boolean, String> gateways = new HashMap<>();
        for (Network network : networks) {
            for (String gateway : gateways(network)) {
                boolean isV4 = IpText.parse(gateway).orElseThrow() instanceof Inet4Address;
                String before = gateways.put(isV4, gateway);
                if (before != null) {
                    throw CniException.config(
                            NetworkSelections.NETWORKS,
                            "multus does not support ECMP for default-route, and there are " + before + " and "
                                    + gateway);
                }
            }
        }
    }
}

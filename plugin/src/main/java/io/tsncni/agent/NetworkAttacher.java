// SPDX-License-Identifier: Apache-2.0
package io.tsncni.agent;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.cni.CniArgs;
import io.tsncni.cni.CniErrorCode;
import io.tsncni.cni.CniException;
import io.tsncni.cni.CniRequest;
import io.tsncni.cni.CniVersion;
import io.tsncni.linux.netlink.RouteSocket;
import io.tsncni.linux.netns.NetworkNamespace;
import io.tsncni.resolve.Network;
import io.tsncni.resolve.NetworkSelectionElement;
import io.tsncni.resolve.Plan;
import io.tsncni.state.AttachmentRecord.DelegateRecord;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What becomes of a plan's networks on their way into a pod. */
final class NetworkAttacher {
    /** For a network that names no version: every plugin speaks it, and it has CHECK. */
    private static final CniVersion ASSUMED = CniVersion.V0_4_0;

    private final Plan plan;
    private final NetworkNamespace namespace;

    NetworkAttacher(Plan plan, NetworkNamespace namespace) {
        this.plan = plan;
        this.namespace = namespace;
    }

    static List<DelegateRecord> records(CniRequest request, List<Network> networks) {
        CniArgs args = request.args()
                .forDelegate(request.attachment().map(key -> key.containerId()).orElse(""));
        CniVersion assumed =
                request.conf().version().compareTo(ASSUMED) < 0 ? request.conf().version() : ASSUMED;
        List<DelegateRecord> records = new ArrayList<>();
        for (Network network : networks) {
            CniArgs own = args;
            Optional<NetworkSelectionElement> element = network.request();
            if (element.flatMap(NetworkSelectionElement::mac).isPresent()) {
                own = own.withMac(element.get().mac().get());
            }
            if (element.flatMap(NetworkSelectionElement::ips)
                    .filter(ips -> !ips.isEmpty())
                    .isPresent()) {
                own = own.withIps(element.get().ips().get());
            }
            records.add(new DelegateRecord(
                    network.displayName(),
                    network.ifName(),
                    network.list(),
                    network.list().cniVersion().orElse(assumed.toString()),
                    own.toString(),
                    network.capabilityArgs(),
                    Optional.empty()));
        }
        return records;
    }

    void requireFreeNames() throws CniException, IOException {
        List<String> taken = namespace.call(
                () -> RouteSocket.links().stream().map(link -> link.name()).toList());
        for (Network network : plan.networks()) {
            if (taken.contains(network.ifName())) {
                throw new CniException(
                        CniErrorCode.INVALID_ENVIRONMENT,
                        "network " + network.displayName() + ": interface name " + network.ifName()
                                + " already exists in the container");
            }
        }
    }

    ObjectNode afterAdd(DelegateRecord network, ObjectNode result) throws CniException {
        return result;
    }
}

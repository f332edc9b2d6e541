// SPDX-License-Identifier: Apache-2.0
package io.tsncni.agent;

import io.tsncni.cni.CniArgs;
import io.tsncni.cni.CniErrorCode;
import io.tsncni.cni.CniException;
import io.tsncni.cni.CniRequest;
import io.tsncni.cni.CniResult;
import io.tsncni.cni.CniVersion;
import io.tsncni.cni.IpText;
import io.tsncni.linux.netlink.DefaultRoutes;
import io.tsncni.linux.netlink.Link;
import io.tsncni.linux.netlink.RouteSocket;
import io.tsncni.linux.netns.NetworkNamespace;
import io.tsncni.resolve.Network;
import io.tsncni.resolve.NetworkPlan;
import io.tsncni.resolve.Plan;
import io.tsncni.state.AttachmentRecord.DelegateRecord;
import java.io.IOException;
import java.net.InetAddress;
import java.net.StandardProtocolFamily;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What becomes of a plan's networks on their way into a pod. */
final class NetworkAttacher {
    /** For a network that names no version: every plugin speaks it, and it has CHECK. */
    private static final CniVersion ASSUMED = CniVersion.V0_4_0;

    private static final int CONFIGURATIONS_MAX = 1 << 20;

    private static final Set<StandardProtocolFamily> BOTH =
            Set.of(StandardProtocolFamily.INET, StandardProtocolFamily.INET6);

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
            records.add(new DelegateRecord(
                    network.displayName(),
                    network.ifName(),
                    network.list(),
                    network.list().cniVersion().orElse(assumed.toString()),
                    network.addArgs(args).toString(),
                    network.capabilityArgs(),
                    Optional.empty()));
        }
        return records;
    }

    /** A record holds them all, and so does the agent: one annotation may name a large definition many times. */
    static void requireBounded(List<DelegateRecord> networks) throws CniException {
        long length = networks.stream()
                .mapToLong(network -> network.list().raw().toString().length())
                .sum();
        if (length > CONFIGURATIONS_MAX) {
            throw CniException.config(
                    "networks",
                    "their configurations have " + length + " characters in all; " + CONFIGURATIONS_MAX
                            + " is the most for one pod");
        }
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

    /**
     * Gives the default routes to the networks that the pod asks for. All are attached by now: what one plugin adds must
     * not be in another's way.
     */
    List<DelegateRecord> routed(List<DelegateRecord> added) throws CniException, IOException {
        NetworkPlan networks = new NetworkPlan(plan.networks());
        if (!networks.defaultRoute(plan.networks().get(0)).strip()) {
            return added;
        }
        List<DelegateRecord> routed = new ArrayList<>();
        for (DelegateRecord network : added) {
            route(network.ifName(), List.of());
        }
        for (int i = 0; i < added.size(); i++) {
            List<InetAddress> gateways = new ArrayList<>();
            for (String gateway : networks.defaultRoute(plan.networks().get(i)).gateways()) {
                gateways.add(IpText.parse(gateway).orElseThrow());
            }
            route(added.get(i).ifName(), gateways);
            routed.add(withRoutes(added.get(i), gateways));
        }
        return routed;
    }

    private void route(String ifName, List<InetAddress> gateways) throws IOException {
        namespace.call(() -> {
            Optional<Link> link = RouteSocket.link(ifName);
            if (link.isPresent()) {
                DefaultRoutes.replace(link.get().index(), BOTH, gateways);
            }
            return link;
        });
    }

    /** What CHECK will hold against the kernel. */
    private static DelegateRecord withRoutes(DelegateRecord network, List<InetAddress> gateways) throws CniException {
        Optional<CniVersion> version = CniVersion.of(network.cniVersion());
        if (version.isEmpty()) {
            return network;
        }
        CniResult result = CniResult.parse(network.result().orElseThrow());
        return network.with(result.withDefaultRoutes(BOTH, gateways).toJson(version.get()));
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.agent;

import io.tsncni.cni.CniException;
import io.tsncni.cni.CniResult;
import io.tsncni.kube.Cluster;
import io.tsncni.kube.EventType;
import io.tsncni.kube.NetworkStatus;
import io.tsncni.kube.PodInfo;
import io.tsncni.resolve.Plan;
import io.tsncni.state.AttachmentRecord;
import io.tsncni.state.AttachmentRecord.DelegateRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Tells of a new attachment: Kubernetes what its pod has got, and who follows the namespace's policy. */
final class Announcer {
    private final Optional<Cluster> cluster;
    private final Optional<PolicyFollower> follower;

    Announcer(Optional<Cluster> cluster, Optional<PolicyFollower> follower) {
        this.cluster = cluster;
        this.follower = follower;
    }

    /** The policy may have changed between the plan and the record. */
    void recorded(AttachmentRecord record) {
        if (follower.isPresent() && record.pod().isPresent() && record.saver().isPresent()) {
            follower.get().changed(record.pod().get().namespace());
        }
    }

    /** Writes network-status, which has to be there when the pod starts, and leaves events, which may come later. */
    void attached(Plan plan, List<DelegateRecord> networks) throws CniException {
        if (cluster.isEmpty() || plan.statusOf().isEmpty()) {
            return;
        }
        PodInfo pod = plan.statusOf().get();
        List<NetworkStatus.Attached> status = new ArrayList<>();
        List<String> events = new ArrayList<>();
        for (DelegateRecord network : networks) {
            CniResult result = CniResult.parse(network.result().orElseThrow());
            status.add(new NetworkStatus.Attached(network.name(), result, status.isEmpty(), Optional.empty()));
            if (!result.interfaces().isEmpty() || !result.ips().isEmpty()) {
                events.add(result.ips().stream()
                        .map(ip -> ip.address().toString())
                        .collect(
                                Collectors.joining(" ", "Add " + network.ifName() + " [", "] from " + network.name())));
            }
        }
        cluster.get().networkStatus(pod, NetworkStatus.of(status));
        // Not before: what could not be told is taken back.
        events.forEach(event -> cluster.get().event(pod, EventType.NORMAL, "AddedInterface", event));
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.agent;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.cni.CniException;
import io.tsncni.cni.PodRef;
import io.tsncni.kube.Cluster;
import io.tsncni.kube.PodInfo;
import io.tsncni.resolve.NamespacePolicies;
import io.tsncni.resolve.TsnConf;
import io.tsncni.state.AttachmentRecord;
import io.tsncni.state.AttachmentStore;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The pods of this node that the chained entry would have served, had it been there when they started. At boot the
 * primary plugin may write its configuration anew, and pods start by it, before there is an agent.
 */
final class UnservedPods {
    private static final System.Logger LOG = System.getLogger(UnservedPods.class.getName());

    private final AttachmentStore store;
    private final Cluster cluster;
    private final NamespacePolicies policies;
    private final Optional<TsnConf> entry;
    private final Set<String> said = ConcurrentHashMap.newKeySet();

    /** @param entry the keys of the entry that tsnd installs, if it does */
    UnservedPods(AttachmentStore store, Cluster cluster, Optional<ObjectNode> entry) throws CniException {
        this.store = store;
        this.cluster = cluster;
        this.policies = new NamespacePolicies(cluster);
        this.entry = entry.isPresent() ? Optional.of(TsnConf.parse(entry.get())) : Optional.empty();
    }

    /** As far as the API server has told; never waits. */
    List<String> names() {
        if (entry.isEmpty()) {
            return List.of();
        }
        return cluster.runningPods().stream()
                .filter(pod -> store.all().stream().noneMatch(record -> isOf(record, pod)) && isServed(pod))
                .map(pod -> pod.namespace() + "/" + pod.name())
                .sorted()
                .toList();
    }

    private static boolean isOf(AttachmentRecord record, PodInfo pod) {
        return record.pod()
                .filter(ref ->
                        ref.namespace().equals(pod.namespace()) && ref.name().equals(pod.name()) && pod.isOf(ref.uid()))
                .isPresent();
    }

    private boolean isServed(PodInfo pod) {
        try {
            return policies.known(
                            entry.get(),
                            new PodRef(pod.namespace(), pod.name(), Optional.of(pod.uid()), Optional.empty()))
                    .isPresent();
        } catch (CniException e) {
            // Two defaults: its ADD would have failed.
            return true;
        }
    }

    /** Each once. */
    void say() {
        List<String> names = names();
        said.retainAll(names);
        List<String> news = names.stream().filter(said::add).toList();
        if (!news.isEmpty()) {
            LOG.log(
                    Level.WARNING,
                    "these pods started without the entry and have no priorities, start them anew: {0}",
                    String.join(", ", news));
        }
    }
}

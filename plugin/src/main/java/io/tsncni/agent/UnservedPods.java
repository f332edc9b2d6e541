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
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

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
    /** As of the last two looks: a pod that is just being served is in one of them at most. */
    private volatile Set<String> before = Set.of();

    private volatile Set<String> confirmed = Set.of();

    /** @param entry the keys of the entry that tsnd installs, if it does */
    UnservedPods(AttachmentStore store, Cluster cluster, Optional<ObjectNode> entry) throws CniException {
        this.store = store;
        this.cluster = cluster;
        this.policies = new NamespacePolicies(cluster);
        this.entry = entry.isPresent() ? Optional.of(TsnConf.parse(entry.get())) : Optional.empty();
    }

    /** As far as the API server has told; never waits. */
    List<String> names() {
        return confirmed.isEmpty()
                ? List.of()
                : now().stream().filter(confirmed::contains).toList();
    }

    private List<String> now() {
        if (entry.isEmpty()) {
            return List.of();
        }
        Collection<AttachmentRecord> records = store.all();
        return cluster.runningPods().stream()
                .filter(pod -> records.stream().noneMatch(record -> isOf(record, pod)) && isServed(pod))
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

    /** Call it from time to time; says each once. */
    void look() {
        Set<String> now = Set.copyOf(now());
        Set<String> twice = now.stream().filter(before::contains).collect(Collectors.toSet());
        String news = twice.stream()
                .filter(name -> !confirmed.contains(name))
                .sorted()
                .collect(Collectors.joining(", "));
        before = now;
        confirmed = twice;
        if (!news.isEmpty()) {
            LOG.log(
                    Level.WARNING,
                    "these pods have no saver although the entry and their namespace ask for one, because they started"
                            + " before that; start them anew: {0}",
                    news);
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.agent;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.cni.CniException;
import io.tsncni.cni.PodRef;
import io.tsncni.kube.Cluster;
import io.tsncni.resolve.NamespacePolicies;
import io.tsncni.resolve.TsnConf;
import io.tsncni.state.AttachmentRecord;
import io.tsncni.state.AttachmentRecord.SaverRecord;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Gives the running pods of a namespace the policy that its default NAD has now, and none to those that opt out. On a thread of its own, because who
 * tells of changes must not wait for an attachment's lock.
 */
final class PolicyFollower {
    private static final System.Logger LOG = System.getLogger(PolicyFollower.class.getName());

    private final Attachments attachments;
    private final PodSavers savers;
    /** What changed unseen, or could not be followed when it was, waits this long. */
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(30);

    /** Pods that started without an agent are being served meanwhile. */
    private static final Duration SECOND_LOOK = Duration.ofSeconds(2);

    private static final Duration UNTIL_SYNCED = Duration.ofMillis(200);

    /** Namespaces that will be looked at anyway. */
    private final Set<String> waiting = ConcurrentHashMap.newKeySet();

    private final NamespacePolicies policies;
    private final Cluster cluster;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread daemon = new Thread(task, "policies");
        daemon.setDaemon(true);
        return daemon;
    });

    private final UnservedPods unserved;
    private int looks;

    PolicyFollower(Attachments attachments, Cluster cluster, UnservedPods unserved) {
        this.unserved = unserved;
        this.attachments = attachments;
        this.savers = new PodSavers(attachments);
        this.policies = new NamespacePolicies(cluster);
        this.cluster = cluster;
    }

    void start() {
        cluster.onChange(this::changed);
        thread.execute(this::followAll);
    }

    /** Something in this namespace is new: a NAD, or an attachment that may have been planned before it. */
    void changed(String namespace) {
        if (waiting.add(namespace)) {
            thread.execute(() -> {
                waiting.remove(namespace);
                followNamespace(namespace);
            });
        }
    }

    /** A NAD may have gone while there was no agent, of which nobody tells. */
    private void followAll() {
        if (cluster.isSynced()) {
            attachments.store().all().stream()
                    .flatMap(record -> record.pod().stream())
                    .map(PodRef::namespace)
                    .distinct()
                    .forEach(this::followNamespace);
            unserved.look();
            looks++;
        }
        Duration pause = looks > 1 ? LOOK_AGAIN : looks == 1 ? SECOND_LOOK : UNTIL_SYNCED;
        thread.schedule(this::followAll, pause.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void followNamespace(String namespace) {
        if (!cluster.isSynced()) {
            return;
        }
        for (AttachmentRecord record : attachments.store().all()) {
            // Before the lock: a record without may be held for long, by a plugin that hangs.
            boolean follows = record.saver().filter(saver -> !saver.explicit()).isPresent();
            if (follows
                    && record.pod()
                            .filter(pod -> pod.namespace().equals(namespace))
                            .isPresent()) {
                try {
                    attachments.locks().holding(record.key(), () -> attachments
                            .locks()
                            .changingSavers(record.key().containerId(), () -> follow(record)));
                } catch (IOException | CniException | RuntimeException e) {
                    LOG.log(Level.ERROR, "{0} keeps the policy that it has: {1}", record.key(), e.getMessage());
                }
            }
        }
    }

    private void follow(AttachmentRecord seen) throws CniException, IOException {
        Optional<AttachmentRecord> found = attachments.store().find(seen.key());
        Optional<SaverRecord> saver = found.flatMap(AttachmentRecord::saver).filter(has -> !has.explicit());
        if (saver.isEmpty()) {
            return;
        }
        TsnConf tsn = policies.known(
                        TsnConf.parse(saver.get().own()), seen.pod().orElseThrow())
                .orElse(nothing(saver.get()));
        if (!tsn.raw().equals(saver.get().tsn())) {
            PodSavers.requirePossible(tsn, saver.get().pod().direct());
            AttachmentRecord changed = found.get().with(saver.get().with(tsn.egress(), tsn.raw()));
            savers.change(found.get(), changed);
            LOG.log(Level.INFO, "{0}: the policy is now {1}", seen.key(), tsn.raw());
        }
    }

    /** Nobody gives it a policy any more: as if it had no saver, which we cannot take off a running pod everywhere. */
    private static TsnConf nothing(SaverRecord saver) throws CniException {
        ObjectNode zero = saver.own().objectNode();
        saver.egress().forEach(zero.putArray("egress")::add);
        zero.putObject("priorityMap").put("*", 0);
        return TsnConf.parse(zero);
    }
}

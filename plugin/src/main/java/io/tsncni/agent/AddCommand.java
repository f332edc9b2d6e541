// SPDX-License-Identifier: Apache-2.0
package io.tsncni.agent;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.cni.AttachmentKey;
import io.tsncni.cni.CniException;
import io.tsncni.cni.CniRequest;
import io.tsncni.cni.CniResult;
import io.tsncni.linux.netns.NetworkNamespace;
import io.tsncni.resolve.Plan;
import io.tsncni.resolve.Planner;
import io.tsncni.resolve.SaverPlan;
import io.tsncni.state.AttachmentRecord;
import io.tsncni.state.AttachmentRecord.DelegateRecord;
import io.tsncni.state.AttachmentRecord.Phase;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** ADD: the networks of other plugins if the configuration has any, and a saver if it wants one. */
final class AddCommand {
    private final Attachments attachments;
    private final PodSavers savers;
    private final Planner planner;
    private final Announcer announcer;

    AddCommand(Attachments attachments, Planner planner, Announcer announcer) {
        this.attachments = attachments;
        this.savers = new PodSavers(attachments);
        this.planner = planner;
        this.announcer = announcer;
    }

    ObjectNode run(CniRequest request, PodNetns netns, DelegatedNetworks delegates) throws CniException, IOException {
        Plan plan = planner.plan(request);
        NetworkNamespace namespace = netns.required();
        return attachments
                .locks()
                .answering(
                        request.key(),
                        () -> plan.networks().isEmpty()
                                ? toOthersInterface(request, plan, namespace, delegates)
                                : toOwnInterface(request, plan, namespace, delegates));
    }

    /** Chained, or secondary on an interface of the pod that somebody else made. */
    private ObjectNode toOthersInterface(
            CniRequest request, Plan plan, NetworkNamespace namespace, DelegatedNetworks delegates)
            throws CniException, IOException {
        Optional<AttachmentRecord> before = attachments.store().find(request.key());
        if (plan.saver().isEmpty()) {
            removeBefore(request.key(), before, namespace, delegates);
            return result(request, Optional.empty());
        }
        return attachments
                .locks()
                .changingSavers(
                        request.key().containerId(),
                        () -> saver(request, plan.saver().get(), before, namespace, delegates));
    }

    private ObjectNode saver(
            CniRequest request,
            SaverPlan plan,
            Optional<AttachmentRecord> before,
            NetworkNamespace namespace,
            DelegatedNetworks delegates)
            throws CniException, IOException {
        PodSavers.Intended intended = savers.intended(request, plan, namespace);
        AttachmentRecord record = record(request, List.of()).with(intended.saver());
        if (before.isPresent() && savers.isInPlace(before.get(), intended.saver(), namespace)) {
            savers.change(before.get(), record.attached());
        } else {
            removeBefore(request.key(), before, namespace, delegates);
            try (Undo undo = new Undo()) {
                undo.push(() -> attachments.remove(record, Optional.of(namespace), delegates));
                attachNew(record, intended, namespace);
                undo.commit();
            }
        }
        return result(request, Optional.of(intended));
    }

    /** The networks of a delegate or of a meta-plugin's configuration; the first one's result is ours. */
    private ObjectNode toOwnInterface(
            CniRequest request, Plan plan, NetworkNamespace namespace, DelegatedNetworks delegates)
            throws CniException, IOException {
        if (plan.saver().isPresent()) {
            PodSavers.requireNics(plan.saver().get().tsn().egress());
        }
        List<DelegateRecord> networks = NetworkAttacher.records(request, plan.networks());
        NetworkAttacher.requireBounded(networks);
        removeBefore(request.key(), attachments.store().find(request.key()), namespace, delegates);
        NetworkAttacher attacher = new NetworkAttacher(plan, namespace);
        attacher.requireFreeNames();
        AttachmentRecord intended = record(request, networks);
        List<DelegateRecord> started = new CopyOnWriteArrayList<>();
        try (Undo undo = new Undo()) {
            undo.push(() -> attachments.remove(
                    attachments.store().find(request.key()).orElse(intended).with(started),
                    Optional.of(namespace),
                    delegates));
            attachments.store().put(intended);
            DelegateRecord master = delegates.addMaster(intended.delegates(), started);
            // One of the others may be a policy of ours for the master's interface, which goes before this one.
            boolean onMaster = plan.saver()
                    .filter(saver -> saver.interfaceName().equals(master.ifName()))
                    .isPresent();
            AttachmentRecord record = onMaster ? withSaver(request, plan, intended, namespace) : intended;
            // As the plugins told it, for network-status: what becomes of default routes is no result of theirs.
            List<DelegateRecord> added = delegates.addOthers(master, intended.delegates(), plan.parallel(), started);
            if (plan.saver().isPresent() && !onMaster) {
                record = withSaver(request, plan, record, namespace);
            }
            record = record.with(attacher.routed(added)).attached();
            attachments.store().put(record);
            announcer.recorded(record);
            announcer.attached(plan, added);
            undo.commit();
            return CniResult.parse(record.delegates().get(0).result().orElseThrow())
                    .toJson(request.conf().version());
        }
    }

    private AttachmentRecord withSaver(
            CniRequest request, Plan plan, AttachmentRecord without, NetworkNamespace namespace)
            throws CniException, IOException {
        return attachments.locks().changingSavers(request.key().containerId(), () -> {
            PodSavers.Intended intended = savers.intended(request, plan.saver().orElseThrow(), namespace);
            AttachmentRecord record = without.with(intended.saver());
            attach(record, intended, namespace);
            return record;
        });
    }

    private void attachNew(AttachmentRecord record, PodSavers.Intended intended, NetworkNamespace namespace)
            throws CniException, IOException {
        attach(record, intended, namespace);
        attachments.store().put(record.attached());
        announcer.recorded(record);
    }

    private void attach(AttachmentRecord record, PodSavers.Intended intended, NetworkNamespace namespace)
            throws CniException, IOException {
        attachments.store().put(record);
        savers.attach(record, intended.pod(), namespace);
    }

    /** What an earlier ADD of the same attachment left, perhaps under another configuration. */
    private void removeBefore(
            AttachmentKey key,
            Optional<AttachmentRecord> before,
            NetworkNamespace namespace,
            DelegatedNetworks delegates)
            throws CniException, IOException {
        if (before.isPresent()) {
            attachments.remove(before.get(), Optional.of(namespace), delegates);
        } else if (attachments.datapath().savers().hasPins(key)) {
            attachments.removeUnknown(key, Optional.of(namespace), key.ifName());
        }
    }

    private AttachmentRecord record(CniRequest request, List<DelegateRecord> networks) throws CniException {
        return new AttachmentRecord(
                AttachmentRecord.CURRENT_VERSION,
                Phase.INTENDED,
                request.key(),
                request.conf().network(),
                request.args().pod(),
                Optional.empty(),
                networks,
                attachments.bootId(),
                Instant.now().truncatedTo(ChronoUnit.MILLIS).toString());
    }

    /** Of the plugins before us, unchanged; or just the interface, where there are none. */
    private static ObjectNode result(CniRequest request, Optional<PodSavers.Intended> intended) {
        Optional<ObjectNode> before = request.conf().prevResult();
        if (before.isPresent()) {
            before.get().put("cniVersion", request.conf().version().toString());
            return before.get();
        }
        return CniResult.ofInterface(
                        intended.orElseThrow().pod().link().name(),
                        intended.orElseThrow().pod().link().mac(),
                        request.netnsPath())
                .toJson(request.conf().version());
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.agent;

import io.tsncni.cni.AttachmentKey;
import io.tsncni.cni.CniErrorCode;
import io.tsncni.cni.CniException;
import io.tsncni.cni.CniRequest;
import io.tsncni.datapath.EgressNics;
import io.tsncni.datapath.PodInterface;
import io.tsncni.linux.netns.NetworkNamespace;
import io.tsncni.resolve.SaverPlan;
import io.tsncni.resolve.TsnConf;
import io.tsncni.state.AttachmentRecord;
import io.tsncni.state.AttachmentRecord.Phase;
import io.tsncni.state.AttachmentRecord.PodEnd;
import io.tsncni.state.AttachmentRecord.SaverRecord;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** The savers of attachments, from what a configuration asks for to a program on the pod's interface. */
final class PodSavers {
    private final Attachments attachments;

    PodSavers(Attachments attachments) {
        this.attachments = attachments;
    }

    static void requireNics(List<String> egress) throws CniException, IOException {
        List<String> missing = EgressNics.missing(egress);
        if (!missing.isEmpty()) {
            List<String> candidates = EgressNics.candidates();
            throw new CniException(
                    CniErrorCode.TRY_AGAIN_LATER,
                    "egress: no NIC named " + String.join(", ", missing) + " on this node; "
                            + (candidates.isEmpty()
                                    ? "there is no device but the loopback"
                                    : "there are: " + String.join(", ", candidates)));
        }
    }

    /** A saver to be, and the interface that it is for. */
    record Intended(SaverRecord saver, PodInterface pod) {}

    /** What is to be attached, if it can be; nothing is done yet. */
    Intended intended(CniRequest request, SaverPlan plan, NetworkNamespace namespace) throws CniException, IOException {
        PodInterface pod = podInterface(request, plan, namespace);
        requirePossible(plan.tsn(), pod.keepsPriority());
        requireNics(plan.tsn().egress());
        PodEnd end = new PodEnd(
                request.netnsPath(),
                pod.netnsInode(),
                pod.link().name(),
                pod.link().index(),
                pod.peerIndex(),
                attachments.datapath().carrier().toString(),
                pod.keepsPriority());
        SaverRecord saver = new SaverRecord(
                end,
                plan.tsn().egress(),
                plan.tsn().raw(),
                plan.own().raw(),
                plan.explicit(),
                overridden(request.key(), plan, pod, namespace));
        return new Intended(saver, pod);
    }

    private static PodInterface podInterface(CniRequest request, SaverPlan plan, NetworkNamespace namespace)
            throws CniException, IOException {
        Optional<PodInterface> found = PodInterface.find(namespace, plan.interfaceName());
        if (found.isPresent()) {
            return found.get();
        }
        String where = "no interface '" + plan.interfaceName() + "' in " + request.netnsPath();
        if (plan.interfaceName().equals(request.key().ifName())) {
            throw new CniException(CniErrorCode.INVALID_ENVIRONMENT, "CNI_IFNAME: " + where);
        }
        throw CniException.config(
                "interface", where + (request.conf().prevResult().isPresent() ? "" : "; " + SaverPlan.HOW_TO_GET_ONE));
    }

    /** Without a NIC only an interface from which the priority gets out by itself makes sense. */
    static void requirePossible(TsnConf tsn, boolean keepsPriority) throws CniException {
        if (!keepsPriority && tsn.egress().isEmpty()) {
            throw CniException.config("egress", "required: name the NIC whose qdisc must see the priority");
        }
    }

    /**
     * The attachment whose saver is on the interface already. What is asked for by name goes before what every pod
     * gets; two of a kind would undo each other's policy, and the first DEL the other's saver.
     */
    private Optional<AttachmentKey> overridden(
            AttachmentKey key, SaverPlan plan, PodInterface pod, NetworkNamespace namespace)
            throws CniException, IOException {
        Optional<AttachmentKey> overridden = Optional.empty();
        for (AttachmentRecord other : attachments.store().all()) {
            if (!other.key().equals(key) && isOn(other, pod, namespace)) {
                boolean free = plan.explicit()
                        && !other.saver().orElseThrow().explicit()
                        && attachments
                                .overriding(other.key())
                                .filter(by -> !by.key().equals(key))
                                .isEmpty();
                if (!free) {
                    throw CniException.config(
                            "interface",
                            pod.link().name() + " has the saver of attachment "
                                    + attachments
                                            .overriding(other.key())
                                            .orElse(other)
                                            .key() + " already");
                }
                overridden = Optional.of(other.key());
            }
        }
        return overridden;
    }

    private boolean isOn(AttachmentRecord other, PodInterface pod, NetworkNamespace namespace) throws IOException {
        return other.saver().isPresent()
                && other.saver().get().overrides().isEmpty()
                && other.saver().get().pod().netnsInode() == pod.netnsInode()
                && other.saver().get().pod().ifIndex() == pod.link().index()
                && attachments
                        .datapath()
                        .savers()
                        .isOn(other.key(), namespace, pod.link().index());
    }

    /** Whether the saver that is wanted is there already, perhaps with another policy. */
    boolean isInPlace(AttachmentRecord before, SaverRecord now, NetworkNamespace namespace) throws IOException {
        return before.phase() == Phase.ATTACHED
                && before.delegates().isEmpty()
                && before.saver()
                        .filter(saver -> saver.pod().equals(now.pod())
                                && saver.overrides().equals(now.overrides()))
                        .isPresent()
                && attachments
                        .datapath()
                        .savers()
                        .isOn(before.program(), namespace, now.pod().ifIndex());
    }

    /** A saver for a record that is on disk; the caller takes it back if this fails half-way. */
    void attach(AttachmentRecord record, PodInterface pod, NetworkNamespace namespace)
            throws CniException, IOException {
        SaverRecord saver = record.saver().orElseThrow();
        if (saver.overrides().isPresent()) {
            attachments.applyPolicy(record);
        } else {
            attachments
                    .datapath()
                    .savers()
                    .attach(
                            record.key(),
                            namespace,
                            pod,
                            TsnConf.parse(saver.tsn()).policy());
        }
        followRecords(saver.egress());
    }

    /** Another policy, and perhaps other NICs, for an attached saver; no packet sees half of each. */
    void change(AttachmentRecord before, AttachmentRecord record) throws CniException, IOException {
        try (Undo undo = new Undo()) {
            undo.push(attachments::followRecords);
            undo.push(() -> attachments.store().put(before));
            attachments.store().put(record);
            undo.push(() -> attachments.applyPolicy(before));
            if (attachments.overriding(record.key()).isEmpty()) {
                attachments.applyPolicy(record);
            }
            followRecords(record.saver().orElseThrow().egress());
            undo.commit();
        }
    }

    private void followRecords(List<String> egress) throws CniException, IOException {
        attachments.followRecords();
        // A NIC may have gone since we looked.
        requireNics(egress);
        for (String nic : egress) {
            Optional<IOException> failure = attachments.datapath().restorers().failure(nic);
            if (failure.isPresent()) {
                throw failure.get();
            }
        }
    }
}

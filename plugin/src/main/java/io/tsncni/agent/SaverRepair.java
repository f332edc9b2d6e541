// SPDX-License-Identifier: Apache-2.0
package io.tsncni.agent;

import io.tsncni.cni.AttachmentKey;
import io.tsncni.cni.CniException;
import io.tsncni.datapath.Carrier;
import io.tsncni.datapath.PodInterface;
import io.tsncni.datapath.SaverState;
import io.tsncni.datapath.Savers;
import io.tsncni.linux.netns.NetworkNamespace;
import io.tsncni.state.AttachmentRecord;
import io.tsncni.state.AttachmentRecord.Phase;
import io.tsncni.state.AttachmentRecord.PodEnd;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.Optional;

/**
 * The savers that an agent finds at its start, made those of this version; and put back where their pins are gone, as
 * when somebody has mounted the BPF file system anew. Requests are served meanwhile.
 */
final class SaverRepair {
    private static final System.Logger LOG = System.getLogger(SaverRepair.class.getName());

    private final Attachments attachments;
    private int renewed;
    private int restored;

    SaverRepair(Attachments attachments) {
        this.attachments = attachments;
    }

    void run() {
        for (AttachmentRecord record : attachments.store().all()) {
            AttachmentKey key = record.key();
            try {
                attachments
                        .locks()
                        .holding(key, () -> attachments.locks().changingSavers(key.containerId(), () -> repair(key)));
            } catch (IOException | CniException | RuntimeException e) {
                LOG.log(
                        Level.WARNING,
                        "the saver of {0} is not as it should be, start its pod anew if tsnctl status says so: {1}",
                        key,
                        e.getMessage());
            }
        }
        if (renewed > 0) {
            LOG.log(Level.INFO, "{0} savers are this version''s now; their counters go on", renewed);
        }
        if (restored > 0) {
            LOG.log(Level.WARNING, "{0} savers were gone from {1} and are back", restored, "the BPF file system");
        }
    }

    private void repair(AttachmentKey key) throws IOException, CniException {
        Optional<AttachmentRecord> found = attachments.store().find(key);
        boolean own = found.isPresent()
                && found.get().phase() == Phase.ATTACHED
                && found.get().saver().isPresent()
                && found.get().program().equals(key);
        if (!own) {
            return;
        }
        PodEnd pod = found.get().saver().get().pod();
        if (isLost(key, pod)) {
            restore(found.get(), pod);
            restored++;
        } else if (attachments.datapath().savers().renew(key, pod.ifIndex(), pod.direct())) {
            renewed++;
        }
    }

    /** One that was being put back when an agent was killed has a program, and nothing that holds it. */
    private boolean isLost(AttachmentKey key, PodEnd pod) throws IOException {
        SaverState state = attachments.datapath().savers().state(key);
        return state == SaverState.LOST
                || state == SaverState.ATTACHED_UNSEEN && pod.carrier().equals(Carrier.TCX.toString());
    }

    private void restore(AttachmentRecord record, PodEnd pod) throws IOException, CniException {
        try (NetworkNamespace namespace = NetworkNamespace.named(pod.netns())
                .orElseThrow(
                        () -> new IOException("it is lost, and " + pod.netns() + " is not to be seen from here"))) {
            Optional<PodInterface> at = PodInterface.find(namespace, pod.ifName());
            boolean same = namespace.inode() == pod.netnsInode()
                    && at.isPresent()
                    && at.get().link().index() == pod.ifIndex();
            if (!same) {
                throw new IOException("it is lost, and so is the interface that it was on");
            }
            AttachmentRecord inForce = attachments.overriding(record.key()).orElse(record);
            Savers savers = attachments.datapath().savers();
            // A filter of clsact may be there still, whose maps nobody reaches.
            savers.detach(record.key(), Optional.of(namespace), pod.ifName());
            try (Undo undo = new Undo()) {
                undo.push(() -> savers.detach(record.key(), Optional.of(namespace), pod.ifName()));
                attachments
                        .store()
                        .put(record.with(record.saver()
                                .orElseThrow()
                                .on(attachments.datapath().carrier().toString())));
                savers.attach(record.key(), namespace, at.get(), Attachments.policy(inForce));
                undo.commit();
            }
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.agent;

import io.tsncni.cni.AttachmentKey;
import io.tsncni.cni.CniException;
import io.tsncni.datapath.Datapath;
import io.tsncni.datapath.Policy;
import io.tsncni.datapath.SaverState;
import io.tsncni.linux.netns.NetworkNamespace;
import io.tsncni.resolve.TsnConf;
import io.tsncni.state.AttachmentRecord;
import io.tsncni.state.AttachmentRecord.PodEnd;
import io.tsncni.state.AttachmentRecord.SaverRecord;
import io.tsncni.state.AttachmentStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The records and the kernel's half of them, kept together. */
record Attachments(AttachmentStore store, Datapath datapath, AttachmentLocks locks, String bootId) {
    /** Takes away a saver of which there is no record; nothing there is fine. The caller holds its lock. */
    void removeUnknown(AttachmentKey key, Optional<NetworkNamespace> namespace, String ifName)
            throws IOException, CniException {
        locks.changingSavers(key.containerId(), () -> {
            boolean isAnothers = namespace.isPresent()
                    && store.all().stream()
                            .flatMap(record -> record.saver().stream())
                            .map(SaverRecord::pod)
                            .anyMatch(pod -> pod.ifName().equals(ifName)
                                    && pod.netnsInode() == namespace.get().inode());
            // A clsact filter is found by its program, of which another attachment may have one there.
            datapath.savers().detach(key, isAnothers ? Optional.empty() : namespace, ifName);
        });
        followRecords();
    }

    /**
     * Takes away what there is of an attachment. The caller holds its lock.
     *
     * @param networks runs its delegates' DEL; if one fails the record stays, without its saver
     */
    void remove(AttachmentRecord record, Optional<NetworkNamespace> namespace, DelegatedNetworks networks)
            throws IOException, CniException {
        if (record.delegates().isEmpty()) {
            removeSaver(record, namespace, () -> store.remove(record.key()));
        } else {
            removeSaver(record, namespace, () -> store.put(record.undoing()));
            networks.del(record.delegates());
            store.remove(record.key());
        }
        if (record.saver().isPresent()) {
            followRecords();
        }
    }

    /** @param unrecord after which no record tells of the saver */
    private void removeSaver(
            AttachmentRecord record, Optional<NetworkNamespace> namespace, AttachmentLocks.Body unrecord)
            throws IOException, CniException {
        locks.changingSavers(record.key().containerId(), () -> {
            detachSaver(record, namespace);
            unrecord.run();
            restoreOverridden(record);
        });
    }

    private void detachSaver(AttachmentRecord record, Optional<NetworkNamespace> namespace) throws IOException {
        if (record.saver().isPresent() && record.program().equals(record.key())) {
            PodEnd pod = record.saver().get().pod();
            datapath.savers().detach(record.key(), namespace, pod.ifName());
            if (pod.peerIndex() != 0) {
                datapath.peers().remove(pod.peerIndex());
            }
        }
    }

    /** Once no record says any more that its program is under another policy. */
    private void restoreOverridden(AttachmentRecord record) throws IOException, CniException {
        Optional<AttachmentRecord> overridden =
                record.saver().flatMap(SaverRecord::overrides).flatMap(store::find);
        if (overridden.isPresent()) {
            applyPolicy(overridden.get());
        }
    }

    /** Gives the program of a saver the policy that its record says. What is gone is not missed. */
    void applyPolicy(AttachmentRecord record) throws IOException, CniException {
        if (record.saver().isPresent() && datapath.savers().state(record.program()) != SaverState.LOST) {
            datapath.savers()
                    .update(
                            record.program(),
                            policy(record),
                            record.saver().get().pod().peerIndex());
        }
    }

    static Policy policy(AttachmentRecord record) throws CniException {
        return TsnConf.parse(record.saver().orElseThrow().tsn()).policy();
    }

    /** Makes the restorers those that the records ask for. */
    void followRecords() throws IOException {
        datapath.restorers().reconcile(store::egress);
    }

    /** The attachment that has its policy on another's program, if one does. */
    Optional<AttachmentRecord> overriding(AttachmentKey key) {
        return store.all().stream()
                .filter(record -> record.saver()
                        .flatMap(SaverRecord::overrides)
                        .filter(key::equals)
                        .isPresent())
                .findFirst();
    }

    /** Puts right what a crash, a reboot or a hand in the BPF file system left; at start, before any request. */
    void recover() throws IOException, CniException {
        for (AttachmentRecord record : store.all()) {
            boolean otherBoot = !record.bootId().equals(bootId);
            if (otherBoot || record.phase() == AttachmentRecord.Phase.INTENDED) {
                detachSaver(record, Optional.empty());
                dropOrKeepForDel(record);
            }
        }
        Set<String> known = new HashSet<>();
        List<AttachmentRecord> inForce = new ArrayList<>();
        Map<Integer, Policy> peers = new HashMap<>();
        for (AttachmentRecord record : store.all()) {
            if (record.saver().isPresent()) {
                known.add(record.key().fileName());
                if (overriding(record.key()).isEmpty()) {
                    inForce.add(record);
                    peers.put(record.saver().get().pod().peerIndex(), policy(record));
                }
            }
        }
        peers.remove(0);
        datapath.peers().replace(peers);
        for (AttachmentRecord record : inForce) {
            // A change of policy writes the record first; it may have got no further.
            applyPolicy(record);
        }
        for (String fileName : datapath.savers().fileNames()) {
            if (!known.contains(fileName)) {
                datapath.savers().removeOrphan(fileName);
            }
        }
        followRecords();
    }

    /** Delegates need a shim to take back what they did; the runtime's DEL brings one. */
    private void dropOrKeepForDel(AttachmentRecord record) throws CniException {
        if (record.delegates().isEmpty()) {
            store.remove(record.key());
        } else if (record.saver().isPresent()) {
            store.put(record.undoing());
        }
    }
}

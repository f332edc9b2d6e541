// SPDX-License-Identifier: Apache-2.0
package io.tsncni.agent;

import io.tsncni.cni.AttachmentKey;
import io.tsncni.cni.CniException;
import io.tsncni.datapath.Datapath;
import io.tsncni.datapath.SaverState;
import io.tsncni.linux.netns.NetworkNamespace;
import io.tsncni.resolve.TsnConf;
import io.tsncni.state.AttachmentRecord;
import io.tsncni.state.AttachmentStore;
import java.io.IOException;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** The records and the kernel's half of them, kept together. */
record Attachments(AttachmentStore store, Datapath datapath, AttachmentLocks locks, String bootId) {

    /**
     * Takes away what there is of an attachment; nothing there is fine. The caller holds its lock.
     *
     * @param ifName the pod's interface, should the record not say
     */
    void remove(AttachmentKey key, Optional<NetworkNamespace> namespace, String ifName)
            throws IOException, CniException {
        Optional<AttachmentRecord> record = store.find(key);
        String where = record.map(found -> found.pod().ifName()).orElse(ifName);
        datapath.savers().detach(key, namespace, where);
        if (record.isPresent()) {
            if (record.get().pod().peerIndex() != 0) {
                datapath.peers().remove(record.get().pod().peerIndex());
            }
            store.remove(key);
        }
        followRecords();
    }

    /** Makes the restorers those that the records ask for. */
    void followRecords() throws IOException {
        datapath.restorers().reconcile(store::egress);
    }

    /** Puts right what a crash, a reboot or a hand in the BPF file system left; at start, before any request. */
    void recover() throws IOException, CniException {
        for (AttachmentRecord record : store.all()) {
            boolean otherBoot = !record.bootId().equals(bootId);
            if (otherBoot || record.phase() == AttachmentRecord.Phase.INTENDED) {
                datapath.savers()
                        .detach(record.key(), Optional.empty(), record.pod().ifName());
                store.remove(record.key());
            }
        }
        Set<String> known = new HashSet<>();
        Set<Integer> peers = new HashSet<>();
        for (AttachmentRecord record : store.all()) {
            known.add(record.key().fileName());
            peers.add(record.pod().peerIndex());
            // What has a program is complete; a DEL may have been cut off while it took the rest away.
            if (datapath.savers().state(record.key()) != SaverState.LOST) {
                // A change of policy writes the record first; it may have got no further.
                datapath.savers()
                        .update(record.key(), TsnConf.parse(record.tsn()).policy());
            }
        }
        for (String fileName : datapath.savers().fileNames()) {
            if (!known.contains(fileName)) {
                datapath.savers().removeOrphan(fileName);
            }
        }
        peers.remove(0);
        datapath.peers().replace(peers);
        followRecords();
    }
}

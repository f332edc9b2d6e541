// SPDX-License-Identifier: Apache-2.0
package io.tsncni.agent;

import io.tsncni.cni.CniException;
import io.tsncni.cni.CniRequest;
import io.tsncni.resolve.Planner;
import io.tsncni.state.AttachmentRecord;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.util.Optional;

/** DEL: from the record alone. What is gone already is fine, and so is a second time. */
final class DelCommand {
    private static final System.Logger LOG = System.getLogger(DelCommand.class.getName());

    private final Attachments attachments;
    private final Planner planner;

    DelCommand(Attachments attachments, Planner planner) {
        this.attachments = attachments;
        this.planner = planner;
    }

    /** @param waitingSince when it was spooled; what was attached later is not what it meant */
    void run(CniRequest request, PodNetns netns, DelegatedNetworks delegates, Optional<Instant> waitingSince)
            throws CniException, IOException {
        attachments.locks().holding(request.key(), () -> {
            Optional<AttachmentRecord> record = attachments.store().find(request.key());
            if (record.isPresent()
                    && waitingSince
                            .filter(since -> isYounger(record.get(), since))
                            .isPresent()) {
                LOG.log(Level.WARNING, "{0} was attached anew after this DEL was spooled, and stays", request.key());
            } else if (record.isPresent()) {
                attachments.remove(record.get(), netns.optional(), delegates);
            } else {
                removeUnrecorded(request, netns, waitingSince.isPresent() ? Optional.empty() : Optional.of(delegates));
            }
        });
    }

    private static boolean isYounger(AttachmentRecord record, Instant than) {
        return Instant.parse(record.created()).isAfter(than);
    }

    /**
     * After a lost state directory, or for an ADD that never got as far as a record.
     *
     * @param delegates empty if there is no shim to run them, nor anything to take back: records come before deeds
     */
    private void removeUnrecorded(CniRequest request, PodNetns netns, Optional<DelegatedNetworks> delegates)
            throws CniException, IOException {
        // Not parsed as a TsnConf: a configuration that has become wrong must not keep a pod from going.
        String ifName =
                request.conf().raw().path("interface").asText(request.key().ifName());
        attachments.removeUnknown(request.key(), netns.optional(), ifName);
        if (delegates.isPresent()) {
            delegates.get().del(NetworkAttacher.records(request, planner.networksToDelete(request)));
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.agent;

import io.tsncni.cni.AttachmentKey;
import io.tsncni.cni.CniException;
import io.tsncni.cni.CniRequest;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.util.Optional;

/** DEL: from the record alone. What is gone already is fine, and so is a second time. */
final class DelCommand {
    private static final System.Logger LOG = System.getLogger(DelCommand.class.getName());

    private final Attachments attachments;

    DelCommand(Attachments attachments) {
        this.attachments = attachments;
    }

    /** @param waitingSince when it was spooled; what was attached later is not what it meant */
    void run(CniRequest request, PodNetns netns, Optional<Instant> waitingSince) throws CniException, IOException {
        // Not parsed as a TsnConf: a configuration that has become wrong must not keep a pod from going.
        String ifName =
                request.conf().raw().path("interface").asText(request.key().ifName());
        attachments.locks().holding(request.key(), () -> {
            if (waitingSince.isPresent() && isYounger(request.key(), waitingSince.get())) {
                LOG.log(Level.WARNING, "{0} was attached anew after this DEL was spooled, and stays", request.key());
                return;
            }
            attachments.remove(request.key(), netns.optional(), ifName);
        });
    }

    private boolean isYounger(AttachmentKey key, Instant than) {
        return attachments
                .store()
                .find(key)
                .map(record -> Instant.parse(record.created()).isAfter(than))
                .orElse(false);
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.agent;

import io.tsncni.cni.CniException;
import io.tsncni.cni.CniRequest;
import java.io.IOException;

/** DEL: from the record alone. What is gone already is fine, and so is a second time. */
final class DelCommand {
    private final Attachments attachments;

    DelCommand(Attachments attachments) {
        this.attachments = attachments;
    }

    void run(CniRequest request, PodNetns netns) throws CniException, IOException {
        // Not parsed as a TsnConf: a configuration that has become wrong must not keep a pod from going.
        String ifName =
                request.conf().raw().path("interface").asText(request.key().ifName());
        attachments.locks().holding(request.key(), () -> attachments.remove(request.key(), netns.optional(), ifName));
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.agent;

import com.fasterxml.jackson.databind.JsonNode;
import io.tsncni.cni.AttachmentKey;
import io.tsncni.cni.CniErrorCode;
import io.tsncni.cni.CniException;
import io.tsncni.cni.CniRequest;
import io.tsncni.cni.PluginConf;
import io.tsncni.state.AttachmentRecord;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** GC: of this network, only the attachments that the runtime still knows remain. */
final class GcCommand {
    private static final String VALID = "cni.dev/valid-attachments";

    private final Attachments attachments;

    GcCommand(Attachments attachments) {
        this.attachments = attachments;
    }

    void run(CniRequest request) throws CniException {
        Set<AttachmentKey> valid = valid(request.conf());
        List<String> failures = new ArrayList<>();
        for (AttachmentRecord record : attachments.store().all()) {
            if (record.network().equals(request.conf().network()) && !valid.contains(record.key())) {
                try {
                    attachments
                            .locks()
                            .holding(
                                    record.key(),
                                    () -> attachments.remove(
                                            record.key(),
                                            Optional.empty(),
                                            record.pod().ifName()));
                } catch (IOException | CniException e) {
                    failures.add(record.key() + ": " + e.getMessage());
                }
            }
        }
        if (!failures.isEmpty()) {
            throw new CniException(CniErrorCode.IO_FAILURE, "not collected: " + String.join("; ", failures));
        }
    }

    /** Without the list everything would be garbage, so it has to be there. */
    private static Set<AttachmentKey> valid(PluginConf conf) throws CniException {
        JsonNode list = conf.raw().path(VALID);
        if (!list.isArray()) {
            throw CniException.config(VALID, "required for GC: a list of {containerID, ifname}");
        }
        Set<AttachmentKey> valid = new HashSet<>();
        for (int i = 0; i < list.size(); i++) {
            // Not asText(): it would take the number 5 for the container "5".
            String containerId = list.get(i).path("containerID").textValue();
            String ifName = list.get(i).path("ifname").textValue();
            try {
                valid.add(new AttachmentKey(
                        Objects.requireNonNullElse(containerId, ""), Objects.requireNonNullElse(ifName, "")));
            } catch (IllegalArgumentException e) {
                throw CniException.config(VALID + "[" + i + "]", "got " + PluginConf.typeOf(list.get(i)));
            }
        }
        return valid;
    }
}

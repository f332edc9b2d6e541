// SPDX-License-Identifier: Apache-2.0
package io.tsncni.agent;

import io.tsncni.cni.CniErrorCode;
import io.tsncni.cni.CniException;
import io.tsncni.cni.CniRequest;
import io.tsncni.linux.netns.NetworkNamespace;
import io.tsncni.resolve.TsnConf;
import io.tsncni.state.AttachmentRecord;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** CHECK: everything that ADD left is still so; the error lists what is not. */
final class CheckCommand {
    private final Attachments attachments;

    CheckCommand(Attachments attachments) {
        this.attachments = attachments;
    }

    void run(CniRequest request, PodNetns netns) throws CniException, IOException {
        TsnConf tsn = TsnConf.parse(request.conf().raw());
        if (request.conf().prevResult().isEmpty()) {
            throw CniException.config("prevResult", "required for CHECK, and not there");
        }
        NetworkNamespace namespace = netns.required();
        attachments.locks().holding(request.key(), () -> {
            List<String> wrong = faults(request, tsn, namespace);
            if (!wrong.isEmpty()) {
                throw new CniException(CniErrorCode.CHECK_FAILED, request.key() + ": " + String.join("; ", wrong));
            }
        });
    }

    private List<String> faults(CniRequest request, TsnConf tsn, NetworkNamespace namespace) throws IOException {
        Optional<AttachmentRecord> found = attachments.store().find(request.key());
        if (found.isEmpty()) {
            return List.of("this agent has no such attachment");
        }
        AttachmentRecord record = found.get();
        List<String> wrong = new ArrayList<>();
        if (!attachments
                .datapath()
                .savers()
                .isOn(record.key(), namespace, record.pod().ifIndex())) {
            wrong.add("no saver on " + record.pod().ifName());
        }
        if (!record.tsn().equals(tsn.raw())) {
            wrong.add("attached with another configuration: " + record.tsn());
        }
        for (String nic : record.egress()) {
            if (!attachments.datapath().restorers().isOn(nic)) {
                wrong.add("no restorer on " + nic);
            }
        }
        return wrong;
    }
}

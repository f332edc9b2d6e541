// SPDX-License-Identifier: Apache-2.0
package io.tsncni.agent;

import io.tsncni.cni.CniErrorCode;
import io.tsncni.cni.CniException;
import io.tsncni.cni.CniRequest;
import io.tsncni.linux.netns.NetworkNamespace;
import io.tsncni.resolve.Planner;
import io.tsncni.resolve.TsnConf;
import io.tsncni.state.AttachmentRecord;
import io.tsncni.state.AttachmentRecord.Phase;
import io.tsncni.state.AttachmentRecord.SaverRecord;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** CHECK: everything that ADD left is still so; the error lists what is not. */
final class CheckCommand {
    private final Attachments attachments;
    private final Planner planner;

    CheckCommand(Attachments attachments, Planner planner) {
        this.attachments = attachments;
        this.planner = planner;
    }

    void run(CniRequest request, PodNetns netns, DelegatedNetworks delegates) throws CniException, IOException {
        TsnConf tsn = TsnConf.parse(request.conf().raw());
        if (request.conf().prevResult().isEmpty()) {
            throw CniException.config("prevResult", "required for CHECK, and not there");
        }
        NetworkNamespace namespace = netns.required();
        attachments.locks().holding(request.key(), () -> {
            Optional<AttachmentRecord> record = attachments.store().find(request.key());
            List<String> wrong = record.isPresent()
                    ? faults(record.get(), tsn, namespace)
                    : planner.mayLeavePodsAlone(request) ? List.of() : List.of("this agent has no such attachment");
            if (!wrong.isEmpty()) {
                throw new CniException(CniErrorCode.CHECK_FAILED, request.key() + ": " + String.join("; ", wrong));
            }
            if (record.isPresent()) {
                delegates.check(record.get().delegates());
            }
        });
    }

    private List<String> faults(AttachmentRecord record, TsnConf tsn, NetworkNamespace namespace) throws IOException {
        List<String> wrong = new ArrayList<>();
        if (record.phase() != Phase.ATTACHED) {
            wrong.add("attached only in part; it waits for a DEL");
        }
        if (record.saver().isEmpty()) {
            return wrong;
        }
        SaverRecord saver = record.saver().get();
        if (!attachments
                .datapath()
                .savers()
                .isOn(record.program(), namespace, saver.pod().ifIndex())) {
            wrong.add("no saver on " + saver.pod().ifName());
        }
        if (record.delegates().isEmpty() && !saver.own().equals(tsn.raw())) {
            wrong.add("attached with another configuration: " + saver.own());
        }
        for (String nic : saver.egress()) {
            if (!attachments.datapath().restorers().isOn(nic)) {
                wrong.add("no restorer on " + nic);
            }
        }
        return wrong;
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.agent;

import io.tsncni.cni.CniErrorCode;
import io.tsncni.cni.CniException;
import io.tsncni.cni.CniRequest;
import io.tsncni.datapath.EgressNics;
import io.tsncni.resolve.Planner;
import io.tsncni.resolve.TsnConf;
import io.tsncni.state.AttachmentRecord.DelegateRecord;
import java.io.IOException;
import java.util.List;

/** STATUS: whether an ADD would find what this configuration names. */
final class StatusCommand {
    private final Planner planner;

    StatusCommand(Planner planner) {
        this.planner = planner;
    }

    void run(CniRequest request, DelegatedNetworks delegates) throws CniException, IOException {
        TsnConf tsn = TsnConf.parse(request.conf().raw());
        List<String> missing = EgressNics.missing(tsn.egress());
        if (!missing.isEmpty()) {
            throw new CniException(
                    CniErrorCode.PLUGIN_NOT_AVAILABLE,
                    "egress: no NIC named " + String.join(", ", missing) + " on this node");
        }
        for (DelegateRecord network : NetworkAttacher.records(request, planner.networksWithoutPod(request))) {
            delegates.delegate(network).status();
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.agent;

import io.tsncni.cni.CniErrorCode;
import io.tsncni.cni.CniException;
import io.tsncni.cni.CniRequest;
import io.tsncni.datapath.EgressNics;
import io.tsncni.resolve.TsnConf;
import java.io.IOException;
import java.util.List;

/** STATUS: whether the NICs that this configuration names are there for an ADD. */
final class StatusCommand {
    void run(CniRequest request) throws CniException, IOException {
        TsnConf tsn = TsnConf.parse(request.conf().raw());
        List<String> missing = EgressNics.missing(tsn.egress());
        if (!missing.isEmpty()) {
            throw new CniException(
                    CniErrorCode.PLUGIN_NOT_AVAILABLE,
                    "egress: no NIC named " + String.join(", ", missing) + " on this node");
        }
    }
}

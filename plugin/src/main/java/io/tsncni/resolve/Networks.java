// SPDX-License-Identifier: Apache-2.0
package io.tsncni.resolve;

import io.tsncni.cni.CniException;
import io.tsncni.kube.Cluster;
import io.tsncni.kube.PodInfo;
import java.util.List;
import java.util.Optional;

final class Networks {
    static List<Network> resolve(MetaConf meta, String ifName, Optional<PodInfo> pod, Optional<Cluster> cluster)
            throws CniException {
        throw CniException.config("delegates", "not yet");
    }
}

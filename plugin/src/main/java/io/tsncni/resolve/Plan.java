// SPDX-License-Identifier: Apache-2.0
package io.tsncni.resolve;

import io.tsncni.kube.PodInfo;
import java.util.List;
import java.util.Optional;

/**
 * What an ADD is to do.
 *
 * @param networks to be attached by other plugins, the pod's default first; none if its interface is there already
 * @param parallel whether all but the first may be attached at once
 * @param statusOf the pod that gets network-status, if it is for us to write it
 */
public record Plan(List<Network> networks, boolean parallel, Optional<SaverPlan> saver, Optional<PodInfo> statusOf) {
    public Plan {
        networks = List.copyOf(networks);
    }
}

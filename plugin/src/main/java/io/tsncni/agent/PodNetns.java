// SPDX-License-Identifier: Apache-2.0
package io.tsncni.agent;

import io.tsncni.cni.CniErrorCode;
import io.tsncni.cni.CniException;
import io.tsncni.linux.netns.HandedNetns;
import io.tsncni.linux.netns.NetworkNamespace;
import java.util.Optional;

/** The namespace of a request: what ADD and CHECK insist on, and DEL takes if it is there. */
record PodNetns(String path, HandedNetns handed) {
    NetworkNamespace required() throws CniException {
        if (handed instanceof HandedNetns.Open open) {
            return open.namespace();
        }
        if (handed instanceof HandedNetns.NoNamespace) {
            throw new CniException(
                    CniErrorCode.INVALID_NETWORK_CONFIG, "CNI_NETNS: " + path + " is not a network namespace");
        }
        String why = handed instanceof HandedNetns.Unopened unopened ? unopened.why() : "not handed over by the shim";
        throw new CniException(CniErrorCode.INVALID_ENVIRONMENT, "CNI_NETNS: " + path + ": " + why);
    }

    Optional<NetworkNamespace> optional() {
        return handed instanceof HandedNetns.Open open ? Optional.of(open.namespace()) : Optional.empty();
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.resolve;

import io.tsncni.cni.CniErrorCode;
import io.tsncni.cni.CniException;

/** A pod names a network that is not there, yet. Controllers look for the words. */
public final class NoNetworkFoundException extends CniException {
    private static final long serialVersionUID = 1L;

    private final String namespace;
    private final String name;

    NoNetworkFoundException(String namespace, String name) {
        super(
                CniErrorCode.TRY_AGAIN_LATER,
                "cannot find a network-attachment-definition (" + name + ") in namespace (" + namespace + ")");
        this.namespace = namespace;
        this.name = name;
    }

    public String namespace() {
        return namespace;
    }

    public String name() {
        return name;
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.cni;

import java.util.Arrays;
import java.util.Optional;

/** Error codes: 1 to 99 are the spec's, from 100 on the plugin's own. */
public enum CniErrorCode {
    INCOMPATIBLE_VERSION(1),
    INVALID_ENVIRONMENT(4),
    IO_FAILURE(5),
    DECODING_FAILURE(6),
    INVALID_NETWORK_CONFIG(7),
    TRY_AGAIN_LATER(11),
    PLUGIN_NOT_AVAILABLE(50),
    /** The kernel refused a program, a map or an attachment. */
    DATAPATH_FAILED(101),
    /** CHECK found something else than what ADD left. */
    CHECK_FAILED(102),
    INTERNAL(999);

    private final int number;

    CniErrorCode(int number) {
        this.number = number;
    }

    public static Optional<CniErrorCode> of(int number) {
        return Arrays.stream(values()).filter(code -> code.number == number).findFirst();
    }

    public int number() {
        return number;
    }

    /** Whether the same request may succeed later: the fault is not in the request. */
    public boolean mayHeal() {
        return switch (this) {
            case IO_FAILURE, TRY_AGAIN_LATER, PLUGIN_NOT_AVAILABLE, DATAPATH_FAILED, CHECK_FAILED, INTERNAL -> true;
            case INCOMPATIBLE_VERSION, INVALID_ENVIRONMENT, DECODING_FAILURE, INVALID_NETWORK_CONFIG -> false;
        };
    }
}

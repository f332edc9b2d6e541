// SPDX-License-Identifier: Apache-2.0
package io.tsncni.datapath;

/**
 * What the operator decided for one NIC.
 *
 * @param keepUnstamped forwarded packets that nobody stamped keep their priority
 * @param trustHash the tag alone is enough, for paths that wipe tc_index (WireGuard)
 */
public record NicSettings(boolean keepUnstamped, boolean trustHash) {
    public static final NicSettings DEFAULT = new NicSettings(false, false);

    int flags() {
        return (keepUnstamped ? Stamp.NIC_KEEP_UNSTAMPED : 0) | (trustHash ? Stamp.NIC_TRUST_HASH : 0);
    }
}

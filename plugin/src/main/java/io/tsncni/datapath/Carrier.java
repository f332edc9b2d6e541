// SPDX-License-Identifier: Apache-2.0
package io.tsncni.datapath;

import java.util.Locale;

/** What holds our programs on a device's egress. */
public enum Carrier {
    /** Links, at the head of the hook, gone with their pin; Linux 6.6 and later. */
    TCX,
    /** Filters of the clsact qdisc. */
    CLSACT;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.datapath;

import java.util.Locale;

/** What can be said of a saver without entering its namespace. */
public enum SaverState {
    ATTACHED,
    /** Its interface is gone, and the runtime has not called DEL yet. */
    DETACHED,
    /** A clsact filter, which only a look inside the namespace could confirm. */
    ATTACHED_UNSEEN,
    /** Its pins are gone: somebody cleared the BPF file system. */
    LOST;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.cni;

import java.util.Arrays;
import java.util.Optional;

/** The verbs of the CNI spec, each with the version that brought it and what it needs in the environment. */
public enum CniCommand {
    ADD(CniVersion.V0_3_1, true, true),
    DEL(CniVersion.V0_3_1, true, false),
    CHECK(CniVersion.V0_4_0, true, true),
    STATUS(CniVersion.V1_1_0, false, false),
    GC(CniVersion.V1_1_0, false, false),
    VERSION(CniVersion.V0_3_1, false, false);

    private final CniVersion since;
    private final boolean ofAttachment;
    private final boolean needsNetns;

    CniCommand(CniVersion since, boolean ofAttachment, boolean needsNetns) {
        this.since = since;
        this.ofAttachment = ofAttachment;
        this.needsNetns = needsNetns;
    }

    public static Optional<CniCommand> of(String name) {
        return Arrays.stream(values())
                .filter(command -> command.name().equals(name))
                .findFirst();
    }

    public CniVersion since() {
        return since;
    }

    /** Whether CNI_CONTAINERID and CNI_IFNAME are required. */
    public boolean ofAttachment() {
        return ofAttachment;
    }

    public boolean needsNetns() {
        return needsNetns;
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.datapath;

/** The numbers of {@code bpf/include/stamp.h} that user space needs; StampLayoutIT compares them with the objects. */
public final class Stamp {
    public static final int TAG_BITS = 18;
    public static final int PROOF_BITS = 11;

    /** 0 to 15: what mqprio and taprio tell apart. */
    public static final int PRIORITIES = 16;

    /** The slot of every priority above. */
    public static final int PRIORITY_OTHER = PRIORITIES;

    static final int SLOTS = PRIORITIES + 1;
    static final int IDENTITY_SIZE = 8;
    static final int POLICY_DROP = 1;
    static final int POLICY_CLEAR_TXTIME = 2;
    static final int POLICY_KEEP = 4;
    static final int NIC_KEEP_UNSTAMPED = 1;
    static final int NIC_TRUST_HASH = 2;
    static final int NIC_PASS_ON = 4;

    private Stamp() {}
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.datapath;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The numbers of {@code bpf/include/stamp.h} that user space needs; StampLayoutIT compares them with the objects. */
public final class Stamp {
    /** As status and metrics show it. */
    public static String nameOf(int priority) {
        return priority == PRIORITY_OTHER ? "other" : Integer.toString(priority);
    }

    /** Of what is pinned, and of stamps: programs of one layout take each other's place while packets flow. */
    static final int LAYOUT = 1;

    public static final int TAG_BITS = 18;
    public static final int PROOF_BITS = 11;

    /** 0 to 15: what mqprio and taprio tell apart. */
    public static final int PRIORITIES = 16;

    /** The row of every priority above. */
    public static final int PRIORITY_OTHER = PRIORITIES;

    static final int ROWS = PRIORITIES + 1;
    static final int SLOT_SIZE = 24;
    static final int CURSOR_SIZE = 12;
    static final int IDENTITY_SIZE = 8;
    static final int POLICY_DROP = 1;
    static final int POLICY_CLEAR_TXTIME = 2;
    static final int POLICY_KEEP = 4;
    static final int NIC_KEEP_UNSTAMPED = 1;
    static final int NIC_TRUST_HASH = 2;
    static final int NIC_PASS_ON = 4;
    static final int NIC_FQ = 8;
    static final int NIC_CONFIG_SIZE = 8;
    static final int KERNEL_TSTAMP_TYPE = 1;
    static final int KERNEL_TAI_CLOCK = 2;
    static final int KERNEL_CLOCK_TYPES = 4;
    static final int KERNEL_FORCE_SLOTS = 8;
    static final int KERNEL_KEEPS_SHIFT = 8;
    static final int TSTAMP_TYPES = 3;
    static final int TSTAMP_TAI = 2;
    static final int CROSSING_ETHERTYPE = 0x88b5;
    static final int CROSSING_CLOCKS = 16;
    static final int CROSSING_SIZE = 16;

    private Stamp() {}

    /** A struct of 32-bit numbers, as the programs have it. */
    static byte[] words(int... numbers) {
        ByteBuffer bytes = ByteBuffer.allocate(numbers.length * Integer.BYTES).order(ByteOrder.nativeOrder());
        for (int number : numbers) {
            bytes.putInt(number);
        }
        return bytes.array();
    }
}

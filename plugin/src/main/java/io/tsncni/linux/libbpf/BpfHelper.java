// SPDX-License-Identifier: Apache-2.0
package io.tsncni.linux.libbpf;

import java.io.IOException;

/** Functions of the kernel that a tc program may call, where the kernel has them. */
public enum BpfHelper {
    /** Comes with skb->tstamp_type, Linux 5.18. */
    SKB_SET_TSTAMP(192),
    /** Linux 6.1. */
    KTIME_GET_TAI_NS(208);

    private final int number;

    BpfHelper(int number) {
        this.number = number;
    }

    /** Asks the kernel, with a program that calls it. */
    public boolean isThere() throws IOException {
        LibBpfLog.take();
        int returned = LibBpf.libbpf_probe_bpf_helper(LibBpf.BPF_PROG_TYPE_SCHED_CLS, number, null);
        return BpfException.check(returned, "libbpf_probe_bpf_helper", this) == 1;
    }
}

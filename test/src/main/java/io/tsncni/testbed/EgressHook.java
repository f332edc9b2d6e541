// SPDX-License-Identifier: Apache-2.0
package io.tsncni.testbed;

import io.tsncni.linux.libbpf.BpfLink;
import io.tsncni.linux.libbpf.BpfProgram;
import io.tsncni.linux.libbpf.ClsactFilter;
import io.tsncni.linux.netlink.RouteSocket;
import io.tsncni.linux.netns.NetworkNamespace;
import java.io.IOException;

/** Puts programs where the agent puts its own, and by the same carrier. */
final class EgressHook {
    private EgressHook() {}

    /** Until it is closed; with clsact, as long as there is the device. */
    static AutoCloseable attach(BpfProgram program, String device) throws IOException {
        int ifIndex = RouteSocket.link(device).orElseThrow().index();
        if (BpfLink.tcxSupported(program)) {
            return BpfLink.tcxEgress(program, ifIndex);
        }
        ClsactFilter.attach(program, ifIndex);
        return () -> {};
    }

    /** The pod's eth0. */
    static AutoCloseable attach(BpfProgram program, Pod pod) throws IOException {
        try (NetworkNamespace inside = NetworkNamespace.open(pod.netns().path()).orElseThrow()) {
            return inside.call(() -> attach(program, "eth0"));
        }
    }
}

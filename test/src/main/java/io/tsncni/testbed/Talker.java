// SPDX-License-Identifier: Apache-2.0
package io.tsncni.testbed;

import java.time.Duration;

/** Where a talker runs: a pod's namespace, a container, a pod of a cluster. */
public interface Talker {
    /** Runs a talker to its end: {@code talk("udp", "--to", ...)}. */
    Sent talk(String... arguments);

    /** One datagram, again until it arrives: from here on neighbours are known and nothing waits for ARP. */
    default void warmUp(EgressNic nic, String address) {
        int port = EgressNic.FIRST_PORT + EgressNic.PORTS - 1;
        long before = nic.seen(port).total();
        Poll.until(
                () -> {
                    talk("udp", "--to", address, "--port", Integer.toString(port));
                    return nic.seen(port).total() > before;
                },
                Duration.ofSeconds(5),
                () -> "no packet from %s to %s reaches %s: is forwarding on?".formatted(this, address, nic.name()));
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.testbed;

import java.util.ArrayList;
import java.util.List;

/**
 * One talker of the demo. Its destination port is its own, so the observer can tell its packets from all others.
 *
 * @param attached whether the pod asks for classes; the neighbour does not
 * @param ask what it asks for: SO_PRIORITY, or the IP_TOS byte of the neighbour
 * @param expected the class that its packets should have at the NIC
 */
record Flow(String sender, boolean attached, boolean tcp, int ask, int expected, int port) {
    static final int PACKETS = 5000;

    private static final int BYTES = 1_000_000;
    /** Three pods talk at a time: far below what two cores forward, so that nothing is dropped on the way. */
    private static final int PACKETS_PER_SECOND = 5000;

    List<String> talker(String to) {
        List<String> words =
                new ArrayList<>(List.of(tcp ? "tcp" : "udp", "--to", to, "--port", Integer.toString(port)));
        words.addAll(List.of(attached ? "--priority" : "--tos", Integer.toString(ask)));
        words.addAll(
                tcp
                        ? List.of("--bytes", Integer.toString(BYTES))
                        : List.of("--count", Integer.toString(PACKETS), "--pps", Integer.toString(PACKETS_PER_SECOND)));
        return words;
    }

    String request() {
        return attached ? "class " + ask : "IP_TOS 0x%02x".formatted(ask);
    }
}

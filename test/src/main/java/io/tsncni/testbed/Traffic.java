// SPDX-License-Identifier: Apache-2.0
package io.tsncni.testbed;

/** What a sender sends: sender.c. */
enum Traffic {
    /** Its socket gives the packets a flow hash; those of the others are dissected by whoever wants one. */
    CONNECTED("1 flow, connected socket", "connected"),
    ONE_FLOW("1 flow", "flows 1"),
    EIGHT_FLOWS("8 flows", "flows 8"),
    MANY_FLOWS("32 flows", "flows 32");

    private final String words;
    private final String command;

    Traffic(String words, String command) {
        this.words = words;
        this.command = command;
    }

    String command(int packets) {
        return command + " " + packets;
    }

    @Override
    public String toString() {
        return words;
    }
}

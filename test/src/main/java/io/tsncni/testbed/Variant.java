// SPDX-License-Identifier: Apache-2.0
package io.tsncni.testbed;

/** What sits on the way from a pod to a NIC while it is measured. */
enum Variant {
    NONE("no plugin"),
    /** What it differs from NONE by is what this machine's figures are worth. */
    CONTROL("no plugin, a second time"),
    EMPTY("two empty programs"),
    TSN("tsn-cni"),
    ADDRESS_MAP("address map");

    private final String words;

    Variant(String words) {
        this.words = words;
    }

    boolean hasPrograms() {
        return this != NONE && this != CONTROL;
    }

    @Override
    public String toString() {
        return words;
    }
}

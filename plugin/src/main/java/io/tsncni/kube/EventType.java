// SPDX-License-Identifier: Apache-2.0
package io.tsncni.kube;

/** The types of a Kubernetes event. */
public enum EventType {
    NORMAL("Normal"),
    WARNING("Warning");

    private final String text;

    EventType(String text) {
        this.text = text;
    }

    @Override
    public String toString() {
        return text;
    }
}

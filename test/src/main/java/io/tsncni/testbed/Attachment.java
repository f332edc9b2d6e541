// SPDX-License-Identifier: Apache-2.0
package io.tsncni.testbed;

import java.util.Map;

/** What a runtime says of the pod's interface: CNI_CONTAINERID, CNI_NETNS, CNI_IFNAME, CNI_ARGS. */
public record Attachment(String containerId, String netns, String ifName, String args) {

    public Attachment(String containerId, PodNetns netns) {
        this(containerId, netns.path().toString(), "eth0", "");
    }

    public Attachment ifName(String other) {
        return new Attachment(containerId, netns, other, args);
    }

    public Attachment args(String other) {
        return new Attachment(containerId, netns, ifName, other);
    }

    Map<String, String> env() {
        return Map.of("CNI_CONTAINERID", containerId, "CNI_NETNS", netns, "CNI_IFNAME", ifName, "CNI_ARGS", args);
    }
}

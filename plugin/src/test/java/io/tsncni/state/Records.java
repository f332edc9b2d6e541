// SPDX-License-Identifier: Apache-2.0
package io.tsncni.state;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.cni.AttachmentKey;
import java.util.List;

/** Records to put into a store. */
public final class Records {
    private Records() {}

    public static AttachmentRecord intended(String containerId, String network, String... egress) {
        ObjectNode tsn = JsonNodeFactory.instance.objectNode();
        List.of(egress).forEach(tsn.putArray("egress")::add);
        tsn.putObject("priorityMap").put("3", 5).put("*", 4294967295L);
        return new AttachmentRecord(
                AttachmentRecord.CURRENT_VERSION,
                AttachmentRecord.Phase.INTENDED,
                new AttachmentKey(containerId, "eth0.1"),
                network,
                new AttachmentRecord.PodEnd("/run/netns/pod \u00e9", 4026532999L, "eth0.1", 2, 17, "tcx", false),
                List.of(egress),
                tsn,
                "7e6b6f0c-8f2b-4c58-b8b1-6a0d2f1e9c11",
                "2026-11-21T13:00:00Z");
    }
}

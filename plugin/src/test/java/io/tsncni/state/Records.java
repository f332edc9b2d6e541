// SPDX-License-Identifier: Apache-2.0
package io.tsncni.state;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.cni.AttachmentKey;
import io.tsncni.cni.CniException;
import io.tsncni.cni.NetworkConfigList;
import io.tsncni.cni.PodRef;
import java.util.List;
import java.util.Optional;

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
                Optional.of(new PodRef("plant", "plc-0", Optional.empty(), Optional.of("sandbox"))),
                Optional.of(new AttachmentRecord.SaverRecord(
                        new AttachmentRecord.PodEnd(
                                "/run/netns/pod \u00e9", 4026532999L, "eth0.1", 2, 17, "tcx", false),
                        List.of(egress),
                        tsn,
                        tsn,
                        false,
                        Optional.empty())),
                List.of(),
                "7e6b6f0c-8f2b-4c58-b8b1-6a0d2f1e9c11",
                "2026-11-21T13:00:00Z");
    }

    private static NetworkConfigList list(ObjectNode conf) {
        try {
            return NetworkConfigList.parse("delegate", conf, Optional.of("camera"));
        } catch (CniException e) {
            throw new AssertionError(e);
        }
    }

    /** {@link #intended} with a network of another plugin's. */
    public static AttachmentRecord delegated(String containerId, String network) {
        AttachmentRecord record = intended(containerId, network);
        ObjectNode conf = JsonNodeFactory.instance.objectNode().put("type", "bridge");
        return new AttachmentRecord(
                record.version(),
                record.phase(),
                record.key(),
                network,
                record.pod(),
                Optional.empty(),
                List.of(new AttachmentRecord.DelegateRecord(
                        "plant/camera",
                        "net1",
                        list(conf),
                        "1.0.0",
                        "IgnoreUnknown=1",
                        conf.objectNode(),
                        Optional.empty())),
                record.bootId(),
                record.created());
    }
}

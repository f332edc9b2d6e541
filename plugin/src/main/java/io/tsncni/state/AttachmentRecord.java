// SPDX-License-Identifier: Apache-2.0
package io.tsncni.state;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.cni.AttachmentKey;
import java.util.List;

/**
 * What we did for an attachment, or were about to do. DEL works from this alone.
 *
 * @param version of this format
 * @param network the {@code name} of the network, which GC goes by
 * @param egress the NICs whose restorer it needs
 * @param tsn the plugin's own keys, from which the policy can be made again
 * @param bootId of the boot that it belongs to: no saver outlives a reboot
 * @param created ISO 8601
 */
public record AttachmentRecord(
        int version,
        Phase phase,
        AttachmentKey key,
        String network,
        PodEnd pod,
        List<String> egress,
        ObjectNode tsn,
        String bootId,
        String created) {

    public static final int CURRENT_VERSION = 1;

    public enum Phase {
        /** Written before anything was done; still so after a crash, it is to be undone. */
        INTENDED,
        ATTACHED
    }

    /**
     * Where the saver sits.
     *
     * @param netns as the runtime named it
     * @param netnsInode which namespace that was
     * @param peerIndex the host-side end, 0 if there is none
     * @param carrier "tcx" or "clsact"
     * @param direct the saver sets the priority itself, because the interface keeps it
     */
    public record PodEnd(
            String netns, long netnsInode, String ifName, int ifIndex, int peerIndex, String carrier, boolean direct) {}

    public AttachmentRecord attached() {
        return new AttachmentRecord(version, Phase.ATTACHED, key, network, pod, egress, tsn, bootId, created);
    }
}

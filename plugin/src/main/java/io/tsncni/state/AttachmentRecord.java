// SPDX-License-Identifier: Apache-2.0
package io.tsncni.state;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.cni.AttachmentKey;
import io.tsncni.cni.NetworkConfigList;
import io.tsncni.cni.PodRef;
import java.util.List;
import java.util.Optional;

/**
 * What we did for an attachment, or were about to do. DEL works from this alone.
 *
 * @param version of this format
 * @param network the {@code name} of the network, which GC goes by
 * @param pod the Kubernetes pod, if the runtime said which
 * @param saver if there is one
 * @param delegates the networks that we attached, in the order of ADD
 * @param bootId of the boot that it belongs to: no saver outlives a reboot
 * @param created ISO 8601
 */
public record AttachmentRecord(
        int version,
        Phase phase,
        AttachmentKey key,
        String network,
        Optional<PodRef> pod,
        Optional<SaverRecord> saver,
        List<DelegateRecord> delegates,
        String bootId,
        String created) {

    public static final int CURRENT_VERSION = 1;

    public enum Phase {
        /** Written before anything was done; still so after a crash, it is to be undone. */
        INTENDED,
        ATTACHED
    }

    /**
     * A saver and its policy.
     *
     * @param egress the NICs whose restorer it needs
     * @param tsn the keys in force, from which the policy can be made again
     * @param own the keys of the configuration itself, in force where no namespace default is
     * @param explicit asked for by name, as against what every pod gets
     * @param overrides the attachment whose program it is, under our policy until our DEL
     */
    public record SaverRecord(
            PodEnd pod,
            List<String> egress,
            ObjectNode tsn,
            ObjectNode own,
            boolean explicit,
            Optional<AttachmentKey> overrides) {

        public SaverRecord with(List<String> nics, ObjectNode keys) {
            return new SaverRecord(pod, nics, keys, own, explicit, overrides);
        }

        public SaverRecord on(String carrier) {
            PodEnd end =
                    new PodEnd(pod.netns, pod.netnsInode, pod.ifName, pod.ifIndex, pod.peerIndex, carrier, pod.direct);
            return new SaverRecord(end, egress, tsn, own, explicit, overrides);
        }
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

    /**
     * A network that other plugins attached for us, as they were told to.
     *
     * @param name for people: namespace/name of a NAD, or a network's name
     * @param cniVersion that its plugins were called with
     * @param cniArgs CNI_ARGS
     * @param capabilityArgs before each plugin's capabilities filter them
     * @param result of ADD, as the last plugin gave it; empty until then
     */
    public record DelegateRecord(
            String name,
            String ifName,
            NetworkConfigList list,
            String cniVersion,
            String cniArgs,
            ObjectNode capabilityArgs,
            Optional<ObjectNode> result) {

        public DelegateRecord with(ObjectNode added) {
            return new DelegateRecord(name, ifName, list, cniVersion, cniArgs, capabilityArgs, Optional.of(added));
        }
    }

    /** Where the program is that the saver's policy goes to. */
    public AttachmentKey program() {
        return saver.flatMap(SaverRecord::overrides).orElse(key);
    }

    public AttachmentRecord attached() {
        return new AttachmentRecord(version, Phase.ATTACHED, key, network, pod, saver, delegates, bootId, created);
    }

    public AttachmentRecord with(SaverRecord other) {
        return new AttachmentRecord(version, phase, key, network, pod, Optional.of(other), delegates, bootId, created);
    }

    /** What is left when the saver is gone: delegates that wait for their DEL. */
    public AttachmentRecord undoing() {
        return new AttachmentRecord(
                version, Phase.INTENDED, key, network, pod, Optional.empty(), delegates, bootId, created);
    }

    public AttachmentRecord with(List<DelegateRecord> others) {
        return new AttachmentRecord(version, phase, key, network, pod, saver, others, bootId, created);
    }
}

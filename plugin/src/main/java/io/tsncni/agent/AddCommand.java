// SPDX-License-Identifier: Apache-2.0
package io.tsncni.agent;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.cni.AttachmentKey;
import io.tsncni.cni.CniErrorCode;
import io.tsncni.cni.CniException;
import io.tsncni.cni.CniRequest;
import io.tsncni.datapath.EgressNics;
import io.tsncni.datapath.PodInterface;
import io.tsncni.datapath.Savers;
import io.tsncni.linux.netns.NetworkNamespace;
import io.tsncni.resolve.TsnConf;
import io.tsncni.state.AttachmentRecord;
import io.tsncni.state.AttachmentRecord.Phase;
import io.tsncni.state.AttachmentRecord.PodEnd;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** ADD, chained: a saver on the interface that the plugins before us made; the result is theirs, unchanged. */
final class AddCommand {
    private final Attachments attachments;

    AddCommand(Attachments attachments) {
        this.attachments = attachments;
    }

    ObjectNode run(CniRequest request, PodNetns netns) throws CniException, IOException {
        TsnConf tsn = TsnConf.parse(request.conf().raw());
        ObjectNode prevResult = prevResult(request);
        NetworkNamespace namespace = netns.required();
        attachments.locks().holding(request.key(), () -> attach(request, tsn, namespace));
        return prevResult;
    }

    private void attach(CniRequest request, TsnConf tsn, NetworkNamespace namespace) throws CniException, IOException {
        PodInterface pod = podInterface(request, tsn, namespace);
        if (tsn.egress().isEmpty() && !pod.keepsPriority()) {
            throw CniException.config("egress", "required: name the NIC whose qdisc must see the priority");
        }
        requireNics(tsn.egress());
        requireCarriable(tsn, pod);
        requireAlone(request.key(), pod, namespace);
        AttachmentRecord record = intended(request, tsn, pod);
        Optional<AttachmentRecord> before = attachments.store().find(request.key());
        if (before.isPresent() && isInPlace(before.get(), record, namespace)) {
            changePolicy(before.get(), record, tsn);
        } else {
            if (before.isPresent() || attachments.datapath().savers().hasPins(request.key())) {
                attachments.remove(
                        request.key(), Optional.of(namespace), pod.link().name());
            }
            attachNew(record, tsn, pod, namespace);
        }
    }

    private static ObjectNode prevResult(CniRequest request) throws CniException {
        ObjectNode result = request.conf()
                .prevResult()
                .orElseThrow(() -> CniException.config(
                        "prevResult",
                        "not there, and nothing else to do: tsn makes no interface of its own. List it in the"
                                + " 'plugins' of a conflist, after the plugin that does (bridge, ptp, macvlan, ...)"));
        result.put("cniVersion", request.conf().version().toString());
        return result;
    }

    private static void requireNics(List<String> egress) throws CniException, IOException {
        List<String> missing = EgressNics.missing(egress);
        if (!missing.isEmpty()) {
            List<String> candidates = EgressNics.candidates();
            throw new CniException(
                    CniErrorCode.TRY_AGAIN_LATER,
                    "egress: no NIC named " + String.join(", ", missing) + " on this node; "
                            + (candidates.isEmpty()
                                    ? "there is no device but the loopback"
                                    : "there are: " + String.join(", ", candidates)));
        }
    }

    private static PodInterface podInterface(CniRequest request, TsnConf tsn, NetworkNamespace namespace)
            throws CniException, IOException {
        String name = tsn.interfaceName().orElse(request.key().ifName());
        Optional<PodInterface> found = PodInterface.find(namespace, name);
        if (found.isPresent()) {
            return found.get();
        }
        String where = "no interface '" + name + "' in " + request.netnsPath();
        if (tsn.interfaceName().isPresent()) {
            throw CniException.config("interface", where);
        }
        throw new CniException(CniErrorCode.INVALID_ENVIRONMENT, "CNI_IFNAME: " + where);
    }

    private static void requireCarriable(TsnConf tsn, PodInterface pod) throws CniException {
        OptionalInt from = tsn.policy().firstThatNeedsASlot();
        if (!pod.keepsPriority() && from.isPresent()) {
            JsonNode map = tsn.raw().path("priorityMap");
            String key = map.has(Integer.toString(from.getAsInt())) ? Integer.toString(from.getAsInt()) : "*";
            throw CniException.config(
                    "priorityMap." + key,
                    map.path(key) + " is over 15 and cannot be carried from a "
                            + pod.link().kind() + " interface yet; use 0 to 15, or \"drop\"");
        }
    }

    /** Two savers on one interface would undo each other's policy, and the first DEL the other's saver. */
    private void requireAlone(AttachmentKey key, PodInterface pod, NetworkNamespace namespace)
            throws CniException, IOException {
        for (AttachmentRecord other : attachments.store().all()) {
            if (!other.key().equals(key)
                    && other.pod().netnsInode() == pod.netnsInode()
                    && other.pod().ifIndex() == pod.link().index()
                    && attachments
                            .datapath()
                            .savers()
                            .isOn(other.key(), namespace, pod.link().index())) {
                throw CniException.config(
                        "interface", pod.link().name() + " has the saver of attachment " + other.key() + " already");
            }
        }
    }

    private AttachmentRecord intended(CniRequest request, TsnConf tsn, PodInterface pod) {
        PodEnd end = new PodEnd(
                request.netnsPath(),
                pod.netnsInode(),
                pod.link().name(),
                pod.link().index(),
                pod.peerIndex(),
                attachments.datapath().carrier().toString(),
                pod.keepsPriority());
        return new AttachmentRecord(
                AttachmentRecord.CURRENT_VERSION,
                Phase.INTENDED,
                request.key(),
                request.conf().network(),
                end,
                tsn.egress(),
                tsn.raw(),
                attachments.bootId(),
                Instant.now().truncatedTo(ChronoUnit.MILLIS).toString());
    }

    /** Whether the saver that is wanted is there already, perhaps with another policy. */
    private boolean isInPlace(AttachmentRecord before, AttachmentRecord now, NetworkNamespace namespace)
            throws IOException {
        return before.phase() == Phase.ATTACHED
                && before.pod().equals(now.pod())
                && attachments
                        .datapath()
                        .savers()
                        .isOn(now.key(), namespace, now.pod().ifIndex());
    }

    private void changePolicy(AttachmentRecord before, AttachmentRecord record, TsnConf tsn)
            throws CniException, IOException {
        Savers savers = attachments.datapath().savers();
        try (Undo undo = new Undo()) {
            undo.push(attachments::followRecords);
            undo.push(() -> attachments.store().put(before));
            attachments.store().put(record.attached());
            undo.push(() ->
                    savers.update(record.key(), TsnConf.parse(before.tsn()).policy()));
            savers.update(record.key(), tsn.policy());
            followRecords(record);
            undo.commit();
        }
    }

    private void attachNew(AttachmentRecord record, TsnConf tsn, PodInterface pod, NetworkNamespace namespace)
            throws CniException, IOException {
        AttachmentKey key = record.key();
        try (Undo undo = new Undo()) {
            undo.push(() ->
                    attachments.remove(key, Optional.of(namespace), pod.link().name()));
            attachments.store().put(record);
            attachments.datapath().savers().attach(key, namespace, pod, tsn.policy());
            followRecords(record);
            attachments.store().put(record.attached());
            undo.commit();
        }
    }

    private void followRecords(AttachmentRecord record) throws CniException, IOException {
        attachments.followRecords();
        // A NIC may have gone since we looked.
        requireNics(record.egress());
        for (String nic : record.egress()) {
            Optional<IOException> failure = attachments.datapath().restorers().failure(nic);
            if (failure.isPresent()) {
                throw failure.get();
            }
        }
    }
}

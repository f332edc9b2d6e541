// SPDX-License-Identifier: Apache-2.0
package io.tsncni.agent;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.datapath.NicSettings;
import io.tsncni.datapath.RestorerCounters;
import io.tsncni.datapath.Restorers;
import io.tsncni.datapath.SaverCounters;
import io.tsncni.datapath.Savers;
import io.tsncni.datapath.Stamp;
import io.tsncni.datapath.Traffic;
import io.tsncni.state.AttachmentRecord;
import io.tsncni.state.AttachmentRecord.SaverRecord;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What {@code tsnctl status} shows, as JSON. Counters name only the priorities that had packets. */
public final class StatusReport {
    private final Attachments attachments;
    private final Optional<UnservedPods> unserved;

    StatusReport(Attachments attachments, Optional<UnservedPods> unserved) {
        this.attachments = attachments;
        this.unserved = unserved;
    }

    /**
     * @param waiting attachments of pods that started while there was no agent
     * @param tsnProxy what tsn-proxy has on this node, a line each
     */
    public ObjectNode json(List<String> waiting, List<String> tsnProxy) throws IOException {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("carrier", attachments.datapath().carrier().toString());
        ObjectNode kernel = json.putObject("kernel");
        kernel.put("release", System.getProperty("os.version"));
        kernel.put("tcx", attachments.datapath().tcxSupported());
        ArrayNode kept = kernel.putArray("keepsTxtime");
        attachments.datapath().kernel().kept().stream().sorted().forEach(clock -> kept.add(clock.toString()));
        ArrayNode nics = json.putArray("nics");
        for (String nic : attachments.store().egress()) {
            nics.add(nic(nic));
        }
        ArrayNode all = json.putArray("attachments");
        for (AttachmentRecord record : attachments.store().all().stream()
                .sorted(Comparator.comparing(found -> found.key().toString()))
                .toList()) {
            all.add(attachment(record));
        }
        waiting.forEach(json.putArray("waitingForTsn")::add);
        tsnProxy.forEach(json.putArray("tsnProxy")::add);
        ArrayNode without = json.putArray("podsWithoutTsn");
        unserved.ifPresent(pods -> pods.names().forEach(without::add));
        return json;
    }

    private ObjectNode nic(String name) throws IOException {
        Restorers restorers = attachments.datapath().restorers();
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("name", name);
        json.put("restorer", wrongWith(name).orElse("attached"));
        restorers.attachedTo(name).ifPresent(index -> json.put("ifIndex", index));
        NicSettings settings = restorers.settings(name);
        json.put("unstamped", settings.keepUnstamped() ? "keep" : "zero");
        json.put("trustHash", settings.trustHash());
        restorers.qdiscs(name).ifPresent(qdiscs -> json.put("qdiscs", qdiscs));
        Optional<RestorerCounters> counters = restorers.counters(name);
        if (counters.isPresent()) {
            ObjectNode numbers = json.putObject("counters");
            numbers.set("restored", traffic(counters.get().restored()));
            numbers.put("unstampedForwarded", counters.get().unstampedForwarded());
            numbers.put("unstampedLocal", counters.get().unstampedLocal());
            numbers.put("rejected", counters.get().rejected());
            numbers.put("stale", counters.get().stale());
            numbers.put("txtimeRestored", counters.get().txtimeRestored());
            numbers.put("txtimeConverted", counters.get().txtimeConverted());
            numbers.put("txtimeCleared", counters.get().txtimeCleared());
        }
        return json;
    }

    private Optional<String> wrongWith(String nic) {
        Restorers restorers = attachments.datapath().restorers();
        if (restorers.attachedTo(nic).isPresent()) {
            return Optional.empty();
        }
        return Optional.of(restorers
                .failure(nic)
                .map(failure -> "failed: " + failure.getMessage())
                .orElse("waiting for the NIC"));
    }

    /** The NICs whose packets have no priority now though pods want it, and why; a line each. */
    public List<String> unready() {
        List<String> lines = new ArrayList<>();
        for (String nic : attachments.store().egress()) {
            wrongWith(nic).ifPresent(why -> lines.add("restorer of " + nic + ": " + why));
        }
        return lines;
    }

    private ObjectNode attachment(AttachmentRecord record) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("containerId", record.key().containerId());
        json.put("ifName", record.key().ifName());
        json.put("network", record.network());
        record.pod().ifPresent(pod -> json.put("pod", pod.toString()));
        if (!record.delegates().isEmpty()) {
            ArrayNode delegates = json.putArray("delegates");
            record.delegates()
                    .forEach(network ->
                            delegates.addObject().put("network", network.name()).put("interface", network.ifName()));
        }
        if (record.phase() != AttachmentRecord.Phase.ATTACHED) {
            json.put("phase", record.phase().toString().toLowerCase(Locale.ROOT));
        }
        record.saver().ifPresent(saver -> saver(record, saver, json));
        return json;
    }

    private void saver(AttachmentRecord record, SaverRecord saver, ObjectNode json) {
        json.put("interface", saver.pod().ifName());
        json.put("ifIndex", saver.pod().ifIndex());
        json.put("peerIfIndex", saver.pod().peerIndex());
        json.put("netns", saver.pod().netns());
        json.put("netnsInode", saver.pod().netnsInode());
        json.put("carrier", saver.pod().carrier());
        json.put("mode", saver.pod().direct() ? "direct" : "stamp");
        saver.egress().forEach(json.putArray("egress")::add);
        json.set("policy", saver.tsn());
        saver.overrides().ifPresent(other -> json.put("overrides", other.toString()));
        attachments
                .overriding(record.key())
                .ifPresent(by -> json.put("overriddenBy", by.key().toString()));
        try {
            program(record, json);
        } catch (IOException e) {
            // A DEL may be taking it away just now; the others are still to be shown.
            json.put("saver", e.getMessage());
        }
    }

    private void program(AttachmentRecord record, ObjectNode json) throws IOException {
        Savers savers = attachments.datapath().savers();
        json.put("saver", savers.state(record.program()).toString());
        Optional<SaverCounters> counters = savers.counters(record.program());
        if (counters.isPresent()) {
            ObjectNode numbers = json.putObject("counters");
            numbers.set("to", traffic(counters.get().to()));
            numbers.set("from", numbers(counters.get().from()));
            numbers.set("dropped", numbers(counters.get().dropped()));
        }
    }

    private static ObjectNode traffic(List<Traffic> byPriority) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        for (int priority = 0; priority < byPriority.size(); priority++) {
            Traffic traffic = byPriority.get(priority);
            if (traffic.packets() > 0) {
                json.putObject(Stamp.nameOf(priority))
                        .put("packets", traffic.packets())
                        .put("bytes", traffic.bytes());
            }
        }
        return json;
    }

    private static ObjectNode numbers(List<Long> byPriority) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        for (int priority = 0; priority < byPriority.size(); priority++) {
            if (byPriority.get(priority) > 0) {
                json.put(Stamp.nameOf(priority), byPriority.get(priority));
            }
        }
        return json;
    }
}

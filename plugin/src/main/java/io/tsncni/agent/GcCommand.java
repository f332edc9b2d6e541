// SPDX-License-Identifier: Apache-2.0
package io.tsncni.agent;

import com.fasterxml.jackson.databind.JsonNode;
import io.tsncni.cni.AttachmentKey;
import io.tsncni.cni.CniErrorCode;
import io.tsncni.cni.CniException;
import io.tsncni.cni.CniRequest;
import io.tsncni.cni.PluginConf;
import io.tsncni.resolve.Planner;
import io.tsncni.state.AttachmentRecord;
import io.tsncni.state.AttachmentRecord.DelegateRecord;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** GC: of this network, only the attachments that the runtime still knows remain. */
final class GcCommand {
    private static final String VALID = "cni.dev/valid-attachments";

    private final Attachments attachments;
    private final Planner planner;

    GcCommand(Attachments attachments, Planner planner) {
        this.attachments = attachments;
        this.planner = planner;
    }

    void run(CniRequest request, DelegatedNetworks delegates) throws CniException {
        Set<AttachmentKey> valid = valid(request.conf());
        List<String> failures = new ArrayList<>();
        for (AttachmentRecord record : ofNetwork(request)) {
            if (!valid.contains(record.key())) {
                try {
                    attachments.locks().holding(record.key(), () -> {
                        // Another DEL may have been faster.
                        Optional<AttachmentRecord> still = attachments.store().find(record.key());
                        if (still.isPresent()) {
                            attachments.remove(
                                    still.get(),
                                    Optional.empty(),
                                    delegates.of(record.key().containerId()));
                        }
                    });
                } catch (IOException | CniException e) {
                    failures.add(record.key() + ": " + e.getMessage());
                }
            }
        }
        collectOthers(request, valid, delegates, failures);
        if (!failures.isEmpty()) {
            throw new CniException(CniErrorCode.IO_FAILURE, "not collected: " + String.join("; ", failures));
        }
    }

    /** Lets the plugins of all networks look for garbage of their own. */
    private void collectOthers(
            CniRequest request, Set<AttachmentKey> valid, DelegatedNetworks delegates, List<String> failures)
            throws CniException {
        Map<String, DelegateRecord> networks = new LinkedHashMap<>();
        Map<String, Set<AttachmentKey>> inUse = new HashMap<>();
        for (DelegateRecord network : NetworkAttacher.records(request, planner.networksWithoutPod(request))) {
            networks.putIfAbsent(network.list().name(), network);
            Set<AttachmentKey> keys = inUse.computeIfAbsent(network.list().name(), name -> new HashSet<>(valid));
            // The runtime knows of the master's interface only.
            valid.forEach(key -> keys.add(new AttachmentKey(key.containerId(), network.ifName())));
        }
        Collection<AttachmentRecord> records = attachments.store().all();
        if (!records.stream().map(AttachmentRecord::key).toList().containsAll(valid)) {
            // Their other networks are unknown to us: whatever those plugins hold may be in use.
            records = List.of();
        }
        for (AttachmentRecord record : records) {
            for (DelegateRecord network : record.delegates()) {
                networks.putIfAbsent(network.list().name(), network);
                inUse.computeIfAbsent(network.list().name(), name -> new HashSet<>())
                        .add(new AttachmentKey(record.key().containerId(), network.ifName()));
            }
        }
        for (DelegateRecord network : networks.values()) {
            try {
                delegates.delegate(network).gc(inUse.get(network.list().name()));
            } catch (CniException e) {
                failures.add("network " + network.name() + ": " + e.getMessage());
            }
        }
    }

    private List<AttachmentRecord> ofNetwork(CniRequest request) {
        return attachments.store().all().stream()
                .filter(record -> record.network().equals(request.conf().network()))
                .toList();
    }

    /** Without the list everything would be garbage, so it has to be there. */
    private static Set<AttachmentKey> valid(PluginConf conf) throws CniException {
        JsonNode list = conf.raw().path(VALID);
        if (!list.isArray()) {
            throw CniException.config(VALID, "required for GC: a list of {containerID, ifname}");
        }
        Set<AttachmentKey> valid = new HashSet<>();
        for (int i = 0; i < list.size(); i++) {
            // Not asText(): it would take the number 5 for the container "5".
            String containerId = list.get(i).path("containerID").textValue();
            String ifName = list.get(i).path("ifname").textValue();
            try {
                valid.add(new AttachmentKey(
                        Objects.requireNonNullElse(containerId, ""), Objects.requireNonNullElse(ifName, "")));
            } catch (IllegalArgumentException e) {
                throw CniException.config(VALID + "[" + i + "]", "got " + PluginConf.typeOf(list.get(i)));
            }
        }
        return valid;
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.delegate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.cni.AttachmentKey;
import io.tsncni.cni.CniCommand;
import io.tsncni.cni.CniErrorCode;
import io.tsncni.cni.CniException;
import io.tsncni.cni.NetworkConfigList;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * A network of other plugins, run by libcni's rules.
 *
 * @param version of the list, or what is assumed for one that names none
 * @param directories where plugins are looked for, in order
 */
public record Delegate(Plugins plugins, NetworkConfigList list, String version, List<String> directories) {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** @return the last plugin's result, as it gave it */
    public ObjectNode add(RuntimeConf runtime) throws CniException {
        Optional<ObjectNode> result = Optional.empty();
        for (int i = 0; i < list.plugins().size(); i++) {
            result = Optional.of(result(i, run(CniCommand.ADD, i, Optional.of(runtime), result)));
        }
        return result.orElseThrow(() -> CniException.config("plugins", "an empty list"));
    }

    /**
     * In reverse order; all are tried, and the first failure is thrown.
     *
     * @param added the result of ADD; without one, a plugin that is not there has not added anything either
     */
    public void del(RuntimeConf runtime, Optional<ObjectNode> added) throws CniException {
        Optional<CniException> failure = Optional.empty();
        for (int i = list.plugins().size() - 1; i >= 0; i--) {
            try {
                run(CniCommand.DEL, i, Optional.of(runtime), isSince(0, 4) ? added : Optional.empty());
            } catch (CniException e) {
                if (e instanceof NoSuchPluginException && added.isEmpty()) {
                    continue;
                }
                if (failure.isPresent()) {
                    failure.get().addSuppressed(e);
                } else {
                    failure = Optional.of(e);
                }
            }
        }
        if (failure.isPresent()) {
            throw failure.get();
        }
    }

    /** Nothing to do for a list that is older than CHECK, or wants none. */
    public void check(RuntimeConf runtime, ObjectNode added) throws CniException {
        for (int i = 0; i < list.plugins().size() && isSince(0, 4) && !list.disableCheck(); i++) {
            run(CniCommand.CHECK, i, Optional.of(runtime), Optional.of(added));
        }
    }

    public void status() throws CniException {
        for (int i = 0; i < list.plugins().size() && isSince(1, 1); i++) {
            run(CniCommand.STATUS, i, Optional.empty(), Optional.empty());
        }
    }

    /** @param valid the attachments of this network that remain */
    public void gc(Collection<AttachmentKey> valid) throws CniException {
        for (int i = 0; i < list.plugins().size() && isSince(1, 1) && !list.disableGC(); i++) {
            ObjectNode conf = list.pluginConf(i, version, Optional.empty(), MAPPER.createObjectNode());
            ArrayNode attachments = conf.putArray("cni.dev/valid-attachments");
            valid.forEach(key -> attachments
                    .addObject()
                    .put("containerID", key.containerId())
                    .put("ifname", key.ifName()));
            // The name that an early draft of the specification had, which libcni sends, too.
            conf.set("cni.dev/attachments", attachments);
            plugins.run(CniCommand.GC, directories, type(i), Optional.empty(), conf);
        }
    }

    private byte[] run(CniCommand command, int i, Optional<RuntimeConf> runtime, Optional<ObjectNode> prevResult)
            throws CniException {
        ObjectNode capabilityArgs = runtime.map(RuntimeConf::capabilityArgs).orElseGet(MAPPER::createObjectNode);
        return plugins.run(
                command, directories, type(i), runtime, list.pluginConf(i, version, prevResult, capabilityArgs));
    }

    private ObjectNode result(int i, byte[] stdout) throws CniException {
        try {
            JsonNode json = MAPPER.readTree(stdout);
            if (json instanceof ObjectNode result) {
                return result;
            }
            throw noResult(i, "expected a result, an object, got " + json.getNodeType());
        } catch (JsonProcessingException e) {
            throw noResult(i, e.getOriginalMessage());
        } catch (IOException e) {
            throw noResult(i, e.getMessage());
        }
    }

    private CniException noResult(int i, String why) {
        return new CniException(
                CniErrorCode.DECODING_FAILURE, "plugin " + type(i) + " of network " + list.name() + ": " + why);
    }

    private String type(int i) {
        return list.plugins().get(i).path("type").asText();
    }

    private boolean isSince(int major, int minor) {
        String[] parts = version.split("\\.");
        try {
            int is = Integer.parseInt(parts[0]);
            return is > major || is == major && Integer.parseInt(parts[1]) >= minor;
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
            return false;
        }
    }
}

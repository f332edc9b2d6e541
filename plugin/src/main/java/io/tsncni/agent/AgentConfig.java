// SPDX-License-Identifier: Apache-2.0
package io.tsncni.agent;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.cni.CniException;
import io.tsncni.datapath.NicSettings;
import io.tsncni.resolve.TsnConf;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The operator's file: {@code {"nics": {"tsn0": {"unstamped": "keep", "trustHash": true}}}}. Without a file, or
 * without a NIC's entry, the defaults hold.
 *
 * @param pluginDirs that a {@code binDir} may name beside those of CNI_PATH: a configuration may be a tenant's
 * @param entry the keys of the one to be put into the runtime's list of plugins, if there is to be one: {@code {"install":
 *     {"chain": true, "entry": {"egress": "tsn0"}}}}
 */
public record AgentConfig(Map<String, NicSettings> nics, List<String> pluginDirs, Optional<ObjectNode> entry) {
    public static final AgentConfig DEFAULT = new AgentConfig(Map.of(), List.of(), Optional.empty());

    private static final List<String> KEYS = List.of("nics", "pluginDirs", "install");
    private static final List<String> OF_NIC = List.of("unstamped", "trustHash");
    private static final List<String> OF_INSTALL = List.of("chain", "entry");

    /** All of them, with the way to each. */
    public static List<String> keys() {
        List<String> keys = new ArrayList<>(KEYS);
        OF_NIC.forEach(key -> keys.add("nics.NIC." + key));
        OF_INSTALL.forEach(key -> keys.add("install." + key));
        return keys;
    }

    public static AgentConfig read(Path file) throws IOException {
        return Files.exists(file) ? parse(file.toString(), Files.readAllBytes(file)) : DEFAULT;
    }

    static AgentConfig parse(String file, byte[] json) throws IOException {
        JsonNode root = tree(file, json);
        onlyKeys(file, root, KEYS);
        Map<String, NicSettings> nics = new HashMap<>();
        JsonNode entries = root.path("nics");
        if (!entries.isMissingNode() && !entries.isObject()) {
            throw new IOException(file + ": nics: expected an object, got " + entries);
        }
        for (Map.Entry<String, JsonNode> nic : entries.properties()) {
            String at = file + ": nics." + nic.getKey();
            onlyKeys(at, nic.getValue(), OF_NIC);
            JsonNode unstamped = nic.getValue().path("unstamped");
            boolean keep = unstamped.asText().equals("keep");
            if (!unstamped.isMissingNode() && !keep && !unstamped.asText().equals("zero")) {
                throw new IOException(at + ".unstamped: expected \"zero\" or \"keep\", got " + unstamped);
            }
            JsonNode trustHash = nic.getValue().path("trustHash");
            if (!trustHash.isMissingNode() && !trustHash.isBoolean()) {
                throw new IOException(at + ".trustHash: expected true or false, got " + trustHash);
            }
            nics.put(nic.getKey(), new NicSettings(keep, trustHash.asBoolean()));
        }
        return new AgentConfig(
                Map.copyOf(nics),
                pluginDirs(file, root.path("pluginDirs")),
                entry(file + ": install", root.path("install")));
    }

    private static Optional<ObjectNode> entry(String at, JsonNode install) throws IOException {
        if (install.isMissingNode()) {
            return Optional.empty();
        }
        onlyKeys(at, install, OF_INSTALL);
        JsonNode chain = install.path("chain");
        if (!chain.isMissingNode() && !chain.isBoolean()) {
            throw new IOException(at + ".chain: expected true or false, got " + chain);
        }
        JsonNode keys = install.has("entry") ? install.get("entry") : JsonNodeFactory.instance.objectNode();
        if (!(keys instanceof ObjectNode entry)) {
            throw new IOException(at + ".entry: expected an object, got " + keys);
        }
        try {
            // As it would be when a pod starts, but here one learns of it before.
            TsnConf.parse(entry);
            for (Map.Entry<String, JsonNode> key : entry.properties()) {
                if (!TsnConf.isOwn(key.getKey())) {
                    throw new IOException(at + ".entry." + key.getKey() + ": no such key of an entry of type tsn");
                }
            }
        } catch (CniException e) {
            throw new IOException(at + ".entry." + e.getMessage(), e);
        }
        return chain.asBoolean() ? Optional.of(entry) : Optional.empty();
    }

    private static List<String> pluginDirs(String file, JsonNode list) throws IOException {
        List<String> directories = new ArrayList<>();
        for (JsonNode directory : list) {
            directories.add(directory.asText());
        }
        boolean good = list.isMissingNode() || list.isArray();
        if (!good || !directories.stream().allMatch(directory -> directory.startsWith("/"))) {
            throw new IOException(file + ": pluginDirs: expected a list of absolute paths, got " + list);
        }
        return List.copyOf(directories);
    }

    private static JsonNode tree(String file, byte[] json) throws IOException {
        try {
            return new ObjectMapper()
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .readTree(json);
        } catch (IOException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        }
    }

    public NicSettings nic(String name) {
        return nics.getOrDefault(name, NicSettings.DEFAULT);
    }

    /** Here a spelling mistake would silently open or close a class to everybody, so it is an error. */
    private static void onlyKeys(String at, JsonNode object, List<String> keys) throws IOException {
        if (!object.isObject()) {
            throw new IOException(at + ": expected an object, got " + object);
        }
        for (Map.Entry<String, JsonNode> entry : object.properties()) {
            if (!keys.contains(entry.getKey())) {
                throw new IOException(
                        at + "." + entry.getKey() + ": no such key; there are " + String.join(", ", keys));
            }
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.cni;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A network as libcni runs it: the plugins of a conflist in their order, or the one of a plain configuration. As JSON it
 * is its configuration.
 *
 * @param cniVersion that the plugins are called with, if the configuration says any
 * @param plugins at least one, each with a {@code type} that can be the name of a file; part of {@code raw}
 */
public record NetworkConfigList(
        String name,
        Optional<String> cniVersion,
        List<ObjectNode> plugins,
        boolean disableCheck,
        boolean disableGC,
        ObjectNode raw) {

    private static final int FILE_NAME_MAX = 255;

    public NetworkConfigList {
        plugins = List.copyOf(plugins);
    }

    /**
     * @param path where the configuration stands, for the messages: {@code delegates[1]}
     * @param nameIfAbsent for one that may come without
     */
    public static NetworkConfigList parse(String path, ObjectNode json, Optional<String> nameIfAbsent)
            throws CniException {
        ObjectNode raw = json.deepCopy();
        if (text(path, raw, "name").isEmpty() && nameIfAbsent.isPresent()) {
            raw.put("name", nameIfAbsent.get());
        }
        String name = text(path, raw, "name");
        if (name.isEmpty()) {
            throw CniException.config(path + ".name", "required, and not there");
        }
        if (!PluginConf.isNetworkName(name)) {
            throw CniException.config(
                    path + ".name",
                    "expected " + PluginConf.NETWORK_NAME_RULE + ", got " + PluginConf.typeOf(raw.get("name")));
        }
        if (isList(raw)) {
            requirePlugins(path, raw);
        } else {
            requirePlugin(path, raw);
        }
        return new NetworkConfigList(
                name,
                version(path, raw),
                pluginsOf(raw),
                isList(raw) && flag(path, raw, "disableCheck"),
                isList(raw) && flag(path, raw, "disableGC"),
                raw);
    }

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static NetworkConfigList recorded(ObjectNode raw) throws CniException {
        return parse("network", raw, Optional.empty());
    }

    @Override
    @JsonValue
    public ObjectNode raw() {
        return raw;
    }

    /**
     * What plugin {@code i} gets on stdin.
     *
     * @param capabilityArgs of all kinds; the plugin gets those that its {@code capabilities} ask for
     */
    public ObjectNode pluginConf(int i, String cniVersion, Optional<ObjectNode> prevResult, ObjectNode capabilityArgs) {
        ObjectNode conf = plugins.get(i).deepCopy();
        conf.put("name", name);
        conf.put("cniVersion", cniVersion);
        conf.remove("prevResult");
        prevResult.ifPresent(result -> conf.set("prevResult", result));
        ObjectNode runtimeConfig = conf.objectNode();
        for (Map.Entry<String, JsonNode> capability : conf.path("capabilities").properties()) {
            if (capability.getValue().asBoolean() && capabilityArgs.has(capability.getKey())) {
                runtimeConfig.set(capability.getKey(), capabilityArgs.get(capability.getKey()));
            }
        }
        // One that the author wrote stays if there is nothing to put in its place.
        if (!runtimeConfig.isEmpty()) {
            conf.set("runtimeConfig", runtimeConfig);
        }
        return conf;
    }

    /** With these in the {@code args.cni} of every plugin, in place of what has their keys there. */
    public NetworkConfigList withCniArgs(ObjectNode args) {
        return changed(plugin -> objectAt(objectAt(plugin, "args"), "cni").setAll(args));
    }

    /** Without the plugins of a type. */
    public NetworkConfigList without(String type) throws CniException {
        ObjectNode copy = raw.deepCopy();
        if (isList(copy)) {
            ((ArrayNode) copy.get("plugins"))
                    .removeIf(plugin -> plugin.path("type").asText().equals(type));
        }
        if (!isList(copy) || copy.get("plugins").isEmpty()) {
            throw CniException.config(
                    "network " + name, "has no plugin but '" + type + "', which makes no interface of its own");
        }
        return new NetworkConfigList(name, cniVersion, pluginsOf(copy), disableCheck, disableGC, copy);
    }

    /** With this value for a key of every plugin. */
    public NetworkConfigList withKey(String key, String value) {
        return changed(plugin -> plugin.put(key, value));
    }

    private NetworkConfigList changed(Consumer<ObjectNode> change) {
        ObjectNode copy = raw.deepCopy();
        List<ObjectNode> changed = pluginsOf(copy);
        changed.forEach(change);
        return new NetworkConfigList(name, cniVersion, changed, disableCheck, disableGC, copy);
    }

    private static ObjectNode objectAt(ObjectNode node, String key) {
        return node.get(key) instanceof ObjectNode object ? object : node.putObject(key);
    }

    private static boolean isList(ObjectNode raw) {
        return raw.path("type").asText("").isEmpty();
    }

    private static List<ObjectNode> pluginsOf(ObjectNode raw) {
        if (!isList(raw)) {
            return List.of(raw);
        }
        List<ObjectNode> plugins = new ArrayList<>();
        raw.path("plugins").forEach(plugin -> plugins.add((ObjectNode) plugin));
        return plugins;
    }

    private static void requirePlugins(String path, ObjectNode raw) throws CniException {
        text(path, raw, "type");
        JsonNode plugins = raw.path("plugins");
        if (plugins.isMissingNode()) {
            throw CniException.config(
                    path, "has neither a 'type', as one plugin's configuration, nor 'plugins', as a list of them");
        }
        if (!plugins.isArray()) {
            throw CniException.config(
                    path + ".plugins", "expected a list of plugin configurations, got " + PluginConf.typeOf(plugins));
        }
        if (plugins.isEmpty()) {
            throw CniException.config(path + ".plugins", "an empty list; a network needs at least one plugin");
        }
        for (int i = 0; i < plugins.size(); i++) {
            requirePlugin(path + ".plugins[" + i + "]", plugins.get(i));
        }
    }

    private static void requirePlugin(String path, JsonNode json) throws CniException {
        if (!(json instanceof ObjectNode plugin)) {
            throw CniException.config(
                    path, "expected a plugin configuration, an object, got " + PluginConf.typeOf(json));
        }
        String type = text(path, plugin, "type");
        if (type.isEmpty()) {
            throw CniException.config(path + ".type", "required, and not there");
        }
        // It becomes part of a path that root executes.
        if (type.getBytes(StandardCharsets.UTF_8).length > FILE_NAME_MAX
                || type.equals(".")
                || type.equals("..")
                || type.chars().anyMatch(c -> c == '/' || Character.isISOControl(c))) {
            throw CniException.config(
                    path + ".type",
                    "expected the file name of a plugin, without '/' or control characters, got "
                            + PluginConf.typeOf(plugin.get("type")));
        }
        requireObject(path + ".args", plugin.path("args"));
        requireObject(path + ".args.cni", plugin.path("args").path("cni"));
        requireObject(path + ".capabilities", plugin.path("capabilities"));
        for (JsonNode capability : plugin.path("capabilities")) {
            if (!capability.isBoolean() && !capability.isNull()) {
                throw CniException.config(
                        path + ".capabilities",
                        "expected true or false for each, got " + PluginConf.typeOf(plugin.get("capabilities")));
            }
        }
    }

    private static void requireObject(String path, JsonNode node) throws CniException {
        if (!node.isObject() && !node.isNull() && !node.isMissingNode()) {
            throw CniException.config(path, "expected an object, got " + PluginConf.typeOf(node));
        }
    }

    /** Of a list that offers several versions only, the newest that we speak. */
    private static Optional<String> version(String path, ObjectNode raw) throws CniException {
        String version = text(path, raw, "cniVersion");
        if (!version.isEmpty()) {
            return Optional.of(version);
        }
        Set<String> offered = new HashSet<>();
        raw.path("cniVersions").forEach(one -> offered.add(one.asText()));
        return CniVersion.supported().stream().filter(offered::contains).reduce((older, newer) -> newer);
    }

    /** libcni takes it as a string as well. */
    private static boolean flag(String path, ObjectNode raw, String key) throws CniException {
        JsonNode node = raw.path(key);
        String text = node.asText().toLowerCase(Locale.ROOT);
        if (node.isMissingNode() || node.isNull()) {
            return false;
        }
        if (!node.isBoolean() && !(node.isTextual() && (text.equals("true") || text.equals("false")))) {
            throw CniException.config(path + "." + key, "expected true or false, got " + PluginConf.typeOf(node));
        }
        return text.equals("true");
    }

    /** Empty if there is none. */
    private static String text(String path, ObjectNode raw, String key) throws CniException {
        JsonNode node = raw.path(key);
        if (!node.isTextual() && !node.isNull() && !node.isMissingNode()) {
            throw CniException.config(path + "." + key, "expected a string, got " + PluginConf.typeOf(node));
        }
        return node.isTextual() ? node.asText() : "";
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.testbed;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/** Calls the plugins of a configuration list as libcni does for containerd and CRI-O. Several threads may. */
public final class CniRuntime {
    private static final ObjectMapper JSON = new ObjectMapper();

    private record Key(String containerId, String ifName) {}

    private record Cached(Attachment attachment, ObjectNode result) {}

    private final ObjectNode conflist;
    private final List<Path> cniPath;
    private final Map<String, String> env;
    /** libcni's cache: what ADD answered, for CHECK, DEL and GC. */
    private final Map<Key, Cached> cache = new ConcurrentHashMap<>();

    /** @param env what plugins get besides the CNI variables, as from the runtime's own environment */
    public CniRuntime(ObjectNode conflist, List<Path> cniPath, Map<String, String> env) {
        this.conflist = conflist.deepCopy();
        this.cniPath = List.copyOf(cniPath);
        this.env = Map.copyOf(env);
    }

    public ObjectNode conflist() {
        return conflist.deepCopy();
    }

    public List<ObjectNode> plugins() {
        List<ObjectNode> plugins = new ArrayList<>();
        conflist.required("plugins").forEach(plugin -> plugins.add((ObjectNode) plugin));
        return plugins;
    }

    /** ADD in order. After a failure libcni leaves the clean-up to a DEL of the caller, and so do we. */
    public ObjectNode add(Attachment attachment) {
        ObjectNode result = null;
        for (ObjectNode plugin : plugins()) {
            result = parse(plugin, call("ADD", plugin, attachment, result));
        }
        cache.put(key(attachment), new Cached(attachment, result));
        return result;
    }

    public void check(Attachment attachment) {
        if (conflist.path("disableCheck").asBoolean()) {
            return;
        }
        plugins().forEach(plugin -> call("CHECK", plugin, attachment, cachedResult(attachment)));
    }

    /** DEL in reverse order; the first failure ends it and keeps the cached result for another try. */
    public void del(Attachment attachment) {
        List<ObjectNode> plugins = plugins();
        Collections.reverse(plugins);
        JsonNode prevResult = versionIsAtLeast(0, 4) ? cachedResult(attachment) : null;
        plugins.forEach(plugin -> call("DEL", plugin, attachment, prevResult));
        cache.remove(key(attachment));
    }

    /** Asks nobody if the list is older than 1.1.0, which brought STATUS; GC below likewise. */
    public void status() {
        if (versionIsAtLeast(1, 1)) {
            plugins().forEach(plugin -> call("STATUS", plugin, Map.of(), conf(plugin, null)));
        }
    }

    /** DEL for what the cache knows and {@code valid} does not name, then GC to every plugin. */
    public void gc(Collection<Attachment> valid) {
        List<Key> keys = valid.stream().map(CniRuntime::key).toList();
        List.copyOf(cache.values()).stream()
                .map(Cached::attachment)
                .filter(attachment -> !keys.contains(key(attachment)))
                .forEach(this::del);
        ArrayNode attachments = JSON.createArrayNode();
        keys.forEach(key ->
                attachments.addObject().put("containerID", key.containerId()).put("ifname", key.ifName()));
        if (!versionIsAtLeast(1, 1)) {
            return;
        }
        for (ObjectNode plugin : plugins()) {
            ObjectNode conf = conf(plugin, null);
            conf.set("cni.dev/valid-attachments", attachments);
            // libcni sends the name that an early draft of the specification had, too.
            conf.set("cni.dev/attachments", attachments);
            call("GC", plugin, Map.of(), conf);
        }
    }

    /** One call of one plugin; {@code prevResult} may be null. Answers its standard output. */
    public String call(String command, ObjectNode plugin, Attachment attachment, JsonNode prevResult) {
        return call(command, plugin, attachment.env(), conf(plugin, prevResult));
    }

    /** The same with variables and standard input of the caller's making, also wrong ones. */
    public String call(String command, ObjectNode plugin, Map<String, String> variables, JsonNode stdin) {
        String type = plugin.required("type").asText();
        Shell.Result result = Shell.of(find(type).toString())
                .with(env)
                .with("CNI_COMMAND", command)
                .with("CNI_PATH", cniPath.stream().map(Path::toString).collect(Collectors.joining(":")))
                .with(variables)
                .reading(stdin.toString())
                .attempt();
        if (result.exit() != 0) {
            throw CniFailure.of(type, command, result);
        }
        return result.stdout();
    }

    private ObjectNode conf(ObjectNode plugin, JsonNode prevResult) {
        ObjectNode conf = plugin.deepCopy();
        conf.set("name", conflist.required("name"));
        conf.set("cniVersion", conflist.required("cniVersion"));
        if (prevResult != null) {
            conf.set("prevResult", prevResult);
        }
        return conf;
    }

    private boolean versionIsAtLeast(int major, int minor) {
        String[] version = conflist.required("cniVersion").asText().split("\\.");
        int is = Integer.parseInt(version[0]);
        return is > major || is == major && Integer.parseInt(version[1]) >= minor;
    }

    private JsonNode cachedResult(Attachment attachment) {
        Cached cached = cache.get(key(attachment));
        return cached == null ? null : cached.result();
    }

    private static Key key(Attachment attachment) {
        return new Key(attachment.containerId(), attachment.ifName());
    }

    private Path find(String type) {
        return cniPath.stream()
                .map(directory -> directory.resolve(type))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no plugin '" + type + "' in " + cniPath));
    }

    private static ObjectNode parse(ObjectNode plugin, String stdout) {
        try {
            return (ObjectNode) JSON.readTree(stdout);
        } catch (JsonProcessingException | ClassCastException e) {
            throw new IllegalStateException("ADD of " + plugin.path("type") + " printed no JSON object: " + stdout, e);
        }
    }
}

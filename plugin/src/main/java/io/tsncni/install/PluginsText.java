// SPDX-License-Identifier: Apache-2.0
package io.tsncni.install;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.cni.CniException;
import io.tsncni.cni.JsonText;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The text of a conflist, and changes to its {@code plugins} that leave every other byte as it is: other people's order,
 * numbers, escapes and indentation. What {@link #append} puts in, {@link #without} takes out to the byte.
 */
final class PluginsText {
    private static final JsonFactory JSON = new JsonFactory();

    /** A plugin and where it stands: from its brace to behind its other brace. */
    private record Plugin(int start, int end, ObjectNode json) {}

    private final String text;
    private final List<Plugin> plugins;

    private PluginsText(String text, List<Plugin> plugins) {
        this.text = text;
        this.plugins = plugins;
    }

    /** @param text of an object whose {@code plugins}, if it has that key, are a list of objects */
    static PluginsText of(String path, String text) throws CniException {
        ObjectNode json = JsonText.parseObject(path, text);
        List<Plugin> plugins = new ArrayList<>();
        try (JsonParser parser = JSON.createParser(text)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                boolean found = parser.currentName().equals("plugins");
                if (parser.nextToken() == JsonToken.START_ARRAY && found) {
                    // Of a key that is there twice the last counts, here as in Go.
                    plugins.clear();
                    while (parser.nextToken() != JsonToken.END_ARRAY) {
                        int start = (int) parser.currentTokenLocation().getCharOffset();
                        parser.skipChildren();
                        int end = (int) parser.currentLocation().getCharOffset();
                        plugins.add(new Plugin(
                                start, end, (ObjectNode) json.get("plugins").get(plugins.size())));
                    }
                } else {
                    parser.skipChildren();
                }
            }
        } catch (IOException e) {
            throw CniException.config(path, "not JSON: " + e.getMessage());
        }
        return new PluginsText(text, plugins);
    }

    /**
     * The list that libcni makes of a plain configuration, whose text stays as it is but for its indentation.
     *
     * @param more keys of the list
     */
    static String listOf(ObjectNode conf, String text, ObjectNode more) {
        TextStyle style = TextStyle.of(text, text.strip());
        StringBuilder list = new StringBuilder("{");
        ObjectNode keys = conf.objectNode();
        for (String key : List.of("cniVersion", "name")) {
            if (conf.hasNonNull(key)) {
                keys.set(key, conf.get(key));
            }
        }
        keys.setAll(more);
        for (Map.Entry<String, JsonNode> key : keys.properties()) {
            list.append(style.line(1))
                    .append(style.member(key.getKey(), key.getValue().toString()))
                    .append(style.comma());
        }
        list.append(style.line(1)).append(style.member("plugins", "["));
        list.append(style.line(2)).append(style.deeper(text.strip(), 2));
        list.append(style.line(1)).append(']').append(style.line(0)).append('}');
        return list.append(text.substring(text.stripTrailing().length())).toString();
    }

    boolean isEmpty() {
        return plugins.isEmpty();
    }

    /** How many plugins are like this. */
    long count(Predicate<ObjectNode> which) {
        return plugins.stream().map(Plugin::json).filter(which).count();
    }

    /** With one more plugin behind the others, written as its neighbour is. */
    String append(ObjectNode plugin) {
        Plugin last = plugins.get(plugins.size() - 1);
        String neighbour = text.substring(last.start, last.end);
        TextStyle style = TextStyle.at(text, last.end, neighbour);
        return text.substring(0, last.end) + separator(style) + style.object(plugin) + text.substring(last.end);
    }

    /** What stands between two plugins. */
    private String separator(TextStyle style) {
        int n = plugins.size();
        if (n > 1) {
            return text.substring(plugins.get(n - 2).end, plugins.get(n - 1).start);
        }
        int start = plugins.get(0).start;
        String lead = text.substring(text.lastIndexOf('[', start) + 1, start);
        return lead.contains("\n") ? "," + lead : "," + style.space();
    }

    /** With this in place of the first plugin that is like that; the same text if it is the same already. */
    String replace(Predicate<ObjectNode> which, ObjectNode plugin) {
        Optional<Plugin> found =
                plugins.stream().filter(one -> which.test(one.json)).findFirst();
        if (found.isEmpty() || found.get().json.equals(plugin)) {
            return text;
        }
        Plugin old = found.get();
        TextStyle style = TextStyle.at(text, old.end, text.substring(old.start, old.end));
        return text.substring(0, old.start) + style.object(plugin) + text.substring(old.end);
    }

    /**
     * Without the plugins that are like this, but for the first so many of them.
     *
     * @return empty if no plugin would be left
     */
    Optional<String> without(Predicate<ObjectNode> which, int butFirst) {
        StringBuilder rest = new StringBuilder();
        int copied = 0;
        int kept = 0;
        int spared = 0;
        for (int i = 0; i < plugins.size(); i++) {
            Plugin plugin = plugins.get(i);
            boolean stays = !which.test(plugin.json) || spared++ < butFirst;
            if (stays && kept++ == 0) {
                // What went before it is gone with the separator behind each.
                rest.append(text, 0, plugins.get(0).start).append(text, plugin.start, plugin.end);
            } else if (stays) {
                rest.append(text, plugins.get(i - 1).end, plugin.end);
            }
            copied = plugin.end;
        }
        return kept == 0
                ? Optional.empty()
                : Optional.of(rest.append(text.substring(copied)).toString());
    }

    @Override
    public String toString() {
        return text;
    }
}

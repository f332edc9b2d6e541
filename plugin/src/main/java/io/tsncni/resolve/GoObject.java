// SPDX-License-Identifier: Apache-2.0
package io.tsncni.resolve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.cni.CniException;
import io.tsncni.cni.PluginConf;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A JSON object as Go reads one into a struct, which is how Multus reads its own: keys in any case, and null, or an empty
 * string, is the same as nothing.
 *
 * @param path where it stands, for the messages; empty for the configuration itself
 */
record GoObject(String path, ObjectNode json) {

    String pathOf(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    boolean has(String key) {
        return !node(key).isMissingNode();
    }

    Optional<String> text(String key) throws CniException {
        JsonNode node = node(key);
        if (node.isMissingNode()) {
            return Optional.empty();
        }
        if (!node.isTextual()) {
            throw expected(pathOf(key), "a string", node);
        }
        return Optional.of(node.asText()).filter(text -> !text.isEmpty());
    }

    Optional<List<String>> texts(String key) throws CniException {
        Optional<ArrayNode> list = list(key);
        if (list.isEmpty()) {
            return Optional.empty();
        }
        List<String> texts = new ArrayList<>();
        for (JsonNode element : list.get()) {
            if (!element.isTextual()) {
                throw expected(pathOf(key) + "[" + texts.size() + "]", "a string", element);
            }
            texts.add(element.asText());
        }
        return Optional.of(List.copyOf(texts));
    }

    boolean flag(String key, boolean byDefault) throws CniException {
        JsonNode node = node(key);
        if (node.isMissingNode()) {
            return byDefault;
        }
        if (!node.isBoolean()) {
            throw expected(pathOf(key), "true or false", node);
        }
        return node.asBoolean();
    }

    Optional<Long> number(String key, long max) throws CniException {
        JsonNode node = node(key);
        if (node.isMissingNode()) {
            return Optional.empty();
        }
        if (!node.isIntegralNumber() || !node.canConvertToLong() || node.asLong() < 0 || node.asLong() > max) {
            throw expected(pathOf(key), "a number, 0 to " + max, node);
        }
        return Optional.of(node.asLong());
    }

    Optional<ArrayNode> list(String key) throws CniException {
        JsonNode node = node(key);
        if (!node.isMissingNode() && !node.isArray()) {
            throw expected(pathOf(key), "a list", node);
        }
        return node instanceof ArrayNode list ? Optional.of(list) : Optional.empty();
    }

    Optional<ObjectNode> object(String key) throws CniException {
        JsonNode node = node(key);
        return node.isMissingNode() ? Optional.empty() : Optional.of(objectOf(pathOf(key), node));
    }

    static ObjectNode objectOf(String path, JsonNode node) throws CniException {
        if (node instanceof ObjectNode object) {
            return object;
        }
        throw expected(path, "an object", node);
    }

    static CniException expected(String path, String what, JsonNode node) {
        return CniException.config(path, "expected " + what + ", got " + PluginConf.typeOf(node));
    }

    private JsonNode node(String key) {
        JsonNode node = json.path(key);
        if (node.isMissingNode()) {
            for (Map.Entry<String, JsonNode> entry : json.properties()) {
                node = entry.getKey().equalsIgnoreCase(key) ? entry.getValue() : node;
            }
        }
        return node.isNull() ? MissingNode.getInstance() : node;
    }
}

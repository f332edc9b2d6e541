// SPDX-License-Identifier: Apache-2.0
package io.tsncni.resolve;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.cni.CniException;
import io.tsncni.cni.PluginConf;

/** JSON out of a string, within bounds: who writes it is not always who owns the node. */
final class JsonText {
    /** As much as Kubernetes lets the annotations of an object be. */
    static final int LENGTH_MAX = 256 * 1024;

    /** Trees are copied and written recursively, on threads with small stacks. */
    private static final int DEPTH_MAX = 100;

    private static final ObjectMapper MAPPER = new ObjectMapper(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(DEPTH_MAX)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private JsonText() {}

    static JsonNode parse(String path, String text) throws CniException {
        requireBounded(path, text);
        try {
            return MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            // None for what exceeds the parser's limits, of depth for one.
            JsonLocation place = e.getLocation();
            String where = place == null ? "" : " at line " + place.getLineNr() + ", column " + place.getColumnNr();
            throw CniException.config(path, "not JSON" + where + ": " + e.getOriginalMessage());
        }
    }

    static ObjectNode parseObject(String path, String text) throws CniException {
        JsonNode json = parse(path, text);
        if (json instanceof ObjectNode object) {
            return object;
        }
        String found = json.isMissingNode() ? "nothing" : PluginConf.typeOf(json);
        throw CniException.config(path, "expected a network configuration, an object, got " + found);
    }

    static void requireBounded(String path, String text) throws CniException {
        if (text.length() > LENGTH_MAX) {
            throw CniException.config(
                    path, "has " + text.length() + " characters; " + LENGTH_MAX + " is as much as is read");
        }
    }
}

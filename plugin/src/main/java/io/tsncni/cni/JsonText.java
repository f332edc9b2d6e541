// SPDX-License-Identifier: Apache-2.0
package io.tsncni.cni;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;

/** What others wrote, who do not always own the node: it should be JSON, and often is not. */
public final class JsonText {
    /** As much as Kubernetes lets the annotations of an object be. */
    public static final int LENGTH_MAX = 256 * 1024;

    /** Trees are copied and written recursively, on threads with small stacks. */
    private static final int DEPTH_MAX = 100;

    private static final ObjectMapper MAPPER = new ObjectMapper(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(DEPTH_MAX)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private JsonText() {}

    /**
     * From another process.
     *
     * @param from where they were read: "stdin"
     * @param what they should be: "the network configuration"
     * @throws CniException of code 6
     */
    static ObjectNode object(byte[] bytes, String from, String what) throws CniException {
        try {
            JsonNode json = MAPPER.readTree(bytes);
            if (json instanceof ObjectNode object) {
                return object;
            }
            throw decoding(from, "expected " + what + ", an object, got " + found(json));
        } catch (JsonProcessingException e) {
            throw decoding(from, notJson(e));
        } catch (IOException e) {
            // Bytes that are no text in the encoding that they begin with.
            throw decoding(from, "not JSON: " + e.getMessage());
        }
    }

    private static CniException decoding(String from, String problem) {
        return new CniException(CniErrorCode.DECODING_FAILURE, from + ": " + problem);
    }

    /**
     * From a string in Kubernetes or a file.
     *
     * @throws CniException of code 7, and so is each below
     */
    public static JsonNode parse(String path, String text) throws CniException {
        requireBounded(path, text);
        try {
            return MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            throw CniException.config(path, notJson(e));
        }
    }

    public static ObjectNode parseObject(String path, String text) throws CniException {
        JsonNode json = parse(path, text);
        if (json instanceof ObjectNode object) {
            return object;
        }
        throw CniException.config(path, "expected a network configuration, an object, got " + found(json));
    }

    public static void requireBounded(String path, String text) throws CniException {
        if (text.length() > LENGTH_MAX) {
            throw CniException.config(
                    path, "has " + text.length() + " characters; " + LENGTH_MAX + " is as much as is read");
        }
    }

    private static String found(JsonNode json) {
        return json == null || json.isMissingNode() ? "nothing" : PluginConf.typeOf(json);
    }

    private static String notJson(JsonProcessingException e) {
        // None for what exceeds the parser's limits, of depth for one.
        JsonLocation place = e.getLocation();
        String where = place == null ? "" : " at line " + place.getLineNr() + ", column " + place.getColumnNr();
        return "not JSON" + where + ": " + e.getOriginalMessage();
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.cni;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;

/** Bytes from another process that should be one JSON object, and often are not. */
final class JsonText {
    private static final ObjectMapper MAPPER =
            new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private JsonText() {}

    /**
     * @param from where they were read: "stdin"
     * @param what they should be: "the network configuration"
     */
    static ObjectNode object(byte[] bytes, String from, String what) throws CniException {
        try {
            JsonNode json = MAPPER.readTree(bytes);
            if (json instanceof ObjectNode object) {
                return object;
            }
            String found = json == null || json.isMissingNode() ? "nothing" : PluginConf.typeOf(json);
            throw new CniException(
                    CniErrorCode.DECODING_FAILURE, from + ": expected " + what + ", an object, got " + found);
        } catch (JsonProcessingException e) {
            // None for what exceeds the parser's limits, of depth for one.
            JsonLocation place = e.getLocation();
            String where = place == null ? "" : " at line " + place.getLineNr() + ", column " + place.getColumnNr();
            throw new CniException(
                    CniErrorCode.DECODING_FAILURE, from + ": not JSON" + where + ": " + e.getOriginalMessage());
        } catch (IOException e) {
            // Bytes that are no text in the encoding that they begin with.
            throw new CniException(CniErrorCode.DECODING_FAILURE, from + ": not JSON: " + e.getMessage());
        }
    }
}

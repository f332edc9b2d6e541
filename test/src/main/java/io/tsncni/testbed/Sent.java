// SPDX-License-Identifier: Apache-2.0
package io.tsncni.testbed;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/** What a talker says it sent. {@code packets} is 0 for TCP: an application hands over bytes. */
public record Sent(long packets, long bytes, long refused) {
    private static final ObjectMapper JSON = new ObjectMapper();

    static Sent parse(Shell.Result talker) {
        try {
            JsonNode said = JSON.readTree(talker.stdout());
            return new Sent(
                    said.required("sent").asLong(),
                    said.required("bytes").asLong(),
                    said.required("refused").asLong());
        } catch (JsonProcessingException | IllegalArgumentException e) {
            throw new IllegalStateException("talker ended with " + talker, e);
        }
    }
}

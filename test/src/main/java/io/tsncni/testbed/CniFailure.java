// SPDX-License-Identifier: Apache-2.0
package io.tsncni.testbed;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/** A plugin's error, as the runtime reads it from the plugin's standard output. */
public final class CniFailure extends RuntimeException {
    /** The plugin ended badly and printed no error: libcni makes up the same. */
    public static final int NO_ERROR_PRINTED = -1;

    private static final long serialVersionUID = 1;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final int code;
    private final String msg;
    private final String details;
    private final String raw;

    private CniFailure(String plugin, String command, int code, String msg, String details, String raw) {
        super("%s %s: code %d: %s; %s".formatted(plugin, command, code, msg, details));
        this.code = code;
        this.msg = msg;
        this.details = details;
        this.raw = raw;
    }

    static CniFailure of(String plugin, String command, Shell.Result result) {
        JsonNode error = parse(result.stdout());
        if (!error.path("code").isInt()) {
            String said = "exit status %d, no error printed".formatted(result.exit());
            return new CniFailure(
                    plugin, command, NO_ERROR_PRINTED, said, result.stderr().strip(), result.stdout());
        }
        return new CniFailure(
                plugin,
                command,
                error.path("code").asInt(),
                error.path("msg").asText(),
                error.path("details").asText(),
                result.stdout());
    }

    private static JsonNode parse(String stdout) {
        try {
            return JSON.readTree(stdout);
        } catch (JsonProcessingException e) {
            return JSON.missingNode();
        }
    }

    public int code() {
        return code;
    }

    public String msg() {
        return msg;
    }

    public String details() {
        return details;
    }

    /** The plugin's standard output to the byte. */
    public String raw() {
        return raw;
    }
}

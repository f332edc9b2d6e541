// SPDX-License-Identifier: Apache-2.0
package io.tsncni.cni;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** A CNI error as the runtime gets it: {@code msg} says what and what to do, {@code details} where it came from. */
public final class CniException extends Exception {
    private static final long serialVersionUID = 1L;

    private final CniErrorCode code;
    private final String details;

    public CniException(CniErrorCode code, String msg) {
        this(code, msg, "");
    }

    public CniException(CniErrorCode code, String msg, String details) {
        super(msg);
        this.code = code;
        this.details = details;
    }

    public CniException(CniErrorCode code, String msg, Throwable cause) {
        super(msg, cause);
        this.code = code;
        this.details = String.valueOf(cause.getMessage());
    }

    /** A key of the network configuration that is wrong: {@code priorityMap.3: ...}. */
    public static CniException config(String path, String problem) {
        return new CniException(CniErrorCode.INVALID_NETWORK_CONFIG, path + ": " + problem);
    }

    public CniErrorCode code() {
        return code;
    }

    public ObjectNode toJson(CniVersion version) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("cniVersion", version.toString());
        json.put("code", code.number());
        json.put("msg", getMessage());
        if (!details.isEmpty()) {
            json.put("details", details);
        }
        return json;
    }
}

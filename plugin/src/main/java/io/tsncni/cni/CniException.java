// SPDX-License-Identifier: Apache-2.0
package io.tsncni.cni;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** A CNI error as the runtime gets it: {@code msg} says what and what to do, {@code details} where it came from. */
public class CniException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int number;
    private final boolean mayHeal;
    private final String details;

    public CniException(CniErrorCode code, String msg) {
        this(code, msg, "");
    }

    public CniException(CniErrorCode code, String msg, String details) {
        this(code.number(), code.mayHeal(), msg, details, null);
    }

    public CniException(CniErrorCode code, String msg, Throwable cause) {
        this(code.number(), code.mayHeal(), msg, String.valueOf(cause.getMessage()), cause);
    }

    private CniException(int number, boolean mayHeal, String msg, String details, Throwable cause) {
        super(msg, cause);
        this.number = number;
        this.mayHeal = mayHeal;
        this.details = details;
    }

    /** A key of the network configuration that is wrong: {@code priorityMap.3: ...}. */
    public static CniException config(String path, String problem) {
        return new CniException(CniErrorCode.INVALID_NETWORK_CONFIG, path + ": " + problem);
    }

    /** Another plugin's error, for the runtime to see as it was: the code may be any number. */
    public static CniException ofPlugin(int number, String msg, String details) {
        return new CniException(number, true, msg, details, null);
    }

    /** What the runtime gets. */
    public int number() {
        return number;
    }

    /** {@link CniErrorCode#INTERNAL} for a number of another plugin's that we know nothing of. */
    public CniErrorCode code() {
        return CniErrorCode.of(number).orElse(CniErrorCode.INTERNAL);
    }

    /** Whether the same request may succeed later: the fault is not in the request. */
    public boolean mayHeal() {
        return mayHeal;
    }

    public String details() {
        return details;
    }

    public ObjectNode toJson(CniVersion version) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("cniVersion", version.toString());
        json.put("code", number);
        json.put("msg", getMessage());
        if (!details.isEmpty()) {
            json.put("details", details);
        }
        return json;
    }
}

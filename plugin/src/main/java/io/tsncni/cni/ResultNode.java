// SPDX-License-Identifier: Apache-2.0
package io.tsncni.cni;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** A place in a result that is being decoded: its path, for the message, and what is there. A null is nothing. */
record ResultNode(String path, JsonNode json) {
    static ResultNode root(ObjectNode result) {
        return new ResultNode("", result);
    }

    ResultNode key(String key) {
        return new ResultNode(path.isEmpty() ? key : path + "." + key, json.path(key));
    }

    boolean isThere() {
        return !json.isMissingNode() && !json.isNull();
    }

    ObjectNode object() throws CniException {
        if (!(json instanceof ObjectNode object)) {
            throw expected("an object");
        }
        return object;
    }

    List<ResultNode> elements() throws CniException {
        if (isThere() && !json.isArray()) {
            throw expected("a list");
        }
        List<ResultNode> elements = new ArrayList<>();
        for (int i = 0; i < json.size(); i++) {
            elements.add(new ResultNode(path + "[" + i + "]", json.get(i)));
        }
        return elements;
    }

    /** Empty without. */
    String text() throws CniException {
        if (isThere() && !json.isTextual()) {
            throw expected("a string");
        }
        return isThere() ? json.textValue() : "";
    }

    String requiredText() throws CniException {
        if (!isThere()) {
            throw expected("a string");
        }
        return text();
    }

    /** libcni writes no numbers under 0, and none over 31 bits. */
    OptionalInt number() throws CniException {
        if (!isThere()) {
            return OptionalInt.empty();
        }
        if (!json.isIntegralNumber() || !json.canConvertToInt() || json.intValue() < 0) {
            throw expected("a number from 0 to " + Integer.MAX_VALUE);
        }
        return OptionalInt.of(json.intValue());
    }

    Cidr cidr() throws CniException {
        return Cidr.parse(text()).orElseThrow(() -> expected("an address with a prefix length"));
    }

    /** An empty text is no address, as in libcni. */
    Optional<InetAddress> address() throws CniException {
        String text = text();
        if (text.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(IpText.parse(text).orElseThrow(() -> expected("an IP address")));
    }

    CniException wrong(String problem) {
        return new CniException(CniErrorCode.DECODING_FAILURE, path + ": " + problem);
    }

    private CniException expected(String what) {
        return wrong("expected " + what + ", got " + (isThere() ? PluginConf.typeOf(json) : "nothing"));
    }
}

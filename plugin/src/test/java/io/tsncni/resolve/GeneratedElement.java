// SPDX-License-Identifier: Apache-2.0
package io.tsncni.resolve;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** Elements of the annotation that are right, and how one is written that was read. */
final class GeneratedElement {
    private GeneratedElement() {}

    /** Each with an interface that no other has, or with none. */
    static List<ObjectNode> several(Choices choices) {
        List<ObjectNode> elements = choices.listOf(4, () -> one(choices));
        for (int i = 0; i < elements.size(); i++) {
            if (choices.oneIn(2)) {
                elements.get(i).put("interface", "if-" + i + "é");
            }
        }
        return elements;
    }

    private static ObjectNode one(Choices choices) {
        ObjectNode node = Json.MAPPER.createObjectNode();
        node.put("name", subdomain(choices));
        if (choices.oneIn(2)) {
            node.put("namespace", label(choices));
        }
        if (choices.oneIn(3)) {
            node.set(
                    "ips",
                    texts(choices.listOf(3, () -> ip(choices) + (choices.oneIn(2) ? "/" + choices.below(33) : ""))));
        }
        if (choices.oneIn(3)) {
            node.put("mac", hardwareAddress(choices));
        }
        if (choices.oneIn(5)) {
            node.put("infiniband-guid", hardwareAddress(choices));
        }
        if (choices.oneIn(5)) {
            node.set("default-route", texts(choices.listOf(2, () -> ip(choices))));
        }
        if (choices.oneIn(5)) {
            node.set("portMappings", node.arrayNode().addAll(choices.listOf(2, () -> portMapping(choices))));
        }
        if (choices.oneIn(5)) {
            ObjectNode bandwidth = node.putObject("bandwidth");
            for (String rate : List.of("ingressRate", "ingressBurst", "egressRate", "egressBurst")) {
                bandwidth.put(rate, choices.of(List.of(0L, 1L, 5_000_000_000L, Long.MAX_VALUE)));
            }
        }
        if (choices.oneIn(5)) {
            node.put("deviceID", choices.of(List.of("0000:03:02.3", "mlx5_core.sf.4")));
        }
        if (choices.oneIn(5)) {
            node.putObject("cni-args").putArray(GeneratedText.word(choices)).add(GeneratedText.word(choices));
        }
        return node;
    }

    static String label(Choices choices) {
        StringBuilder label = new StringBuilder("a");
        for (int n = choices.below(10) * choices.below(7); n > 0; n--) {
            label.append("abz09-".charAt(n % 6));
        }
        return label.append(choices.of(List.of("", "7", "--x"))).toString().replaceFirst("-$", "");
    }

    private static String subdomain(Choices choices) {
        List<String> parts = new ArrayList<>(choices.listOf(2, () -> label(choices)));
        parts.add(label(choices));
        return String.join(".", parts);
    }

    private static String ip(Choices choices) {
        byte[] bytes = new byte[choices.oneIn(2) ? 16 : 4];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) choices.below(256);
        }
        try {
            return InetAddress.getByAddress(bytes).getHostAddress().replaceFirst(":0:0:", "::");
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    private static String hardwareAddress(Choices choices) {
        String one = String.format(Locale.ROOT, "%02x", choices.below(256));
        return String.join(choices.of(List.of(":", "-")), Collections.nCopies(choices.of(List.of(6, 8, 20)), one));
    }

    private static ObjectNode portMapping(Choices choices) {
        ObjectNode mapping = Json.MAPPER.createObjectNode();
        mapping.put("hostPort", choices.below(65536));
        mapping.put("containerPort", choices.of(List.of(0, 80, 65535)));
        if (choices.oneIn(2)) {
            mapping.put("protocol", choices.of(List.of("tcp", "udp", "sctp")));
        }
        if (choices.oneIn(2)) {
            mapping.put("hostIP", ip(choices));
        }
        return mapping;
    }

    private static ArrayNode texts(List<String> texts) {
        ArrayNode list = Json.MAPPER.createArrayNode();
        texts.forEach(list::add);
        return list;
    }

    /** What was read, as it would be written; the namespace only if it is not the one that goes without saying. */
    static ObjectNode written(NetworkSelectionElement element, String implied) {
        ObjectNode node = Json.MAPPER.createObjectNode();
        node.put("name", element.name());
        if (!element.namespace().equals(implied)) {
            node.put("namespace", element.namespace());
        }
        element.interfaceRequest().ifPresent(value -> node.put("interface", value));
        element.ips().ifPresent(value -> node.set("ips", texts(value)));
        element.mac().ifPresent(value -> node.put("mac", value));
        element.infinibandGuid().ifPresent(value -> node.put("infiniband-guid", value));
        element.defaultRoute().ifPresent(value -> node.set("default-route", texts(value)));
        element.portMappings().ifPresent(value -> node.set("portMappings", value));
        element.bandwidth().ifPresent(value -> node.set("bandwidth", value));
        element.deviceId().ifPresent(value -> node.put("deviceID", value));
        element.cniArgs().ifPresent(value -> node.set("cni-args", value));
        return node;
    }
}

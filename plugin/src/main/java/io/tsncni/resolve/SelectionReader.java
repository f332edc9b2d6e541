// SPDX-License-Identifier: Apache-2.0
package io.tsncni.resolve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.tsncni.cni.Cidr;
import io.tsncni.cni.CniException;
import io.tsncni.cni.IpText;
import io.tsncni.cni.KubernetesName;
import io.tsncni.cni.PluginConf;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** One element of the annotation in JSON. Keys that the standard does not have are ignored. */
final class SelectionReader {
    private static final long PORT_MAX = 65535;
    private static final List<String> RATES = List.of("ingressRate", "ingressBurst", "egressRate", "egressBurst");

    /** 6, 8 or 20 bytes as Go's ParseMAC takes them: one by one with ':' or '-' in between, or in pairs with '.'. */
    private static final Pattern HARDWARE_ADDRESS = Pattern.compile(
            "B(:B){5}|B(:B){7}|B(:B){19}|B(-B){5}|B(-B){7}|B(-B){19}|BB([.]BB){2}|BB([.]BB){3}|BB([.]BB){9}"
                    .replace("B", "[0-9a-fA-F]{2}"));

    /** It becomes part of paths under /sys. */
    private static final Pattern DEVICE_ID = Pattern.compile("[^/\\p{Cntrl}]{1,255}");

    private SelectionReader() {}

    static NetworkSelectionElement read(String path, ObjectNode json, String defaultNamespace) throws CniException {
        GoObject element = new GoObject(path, json);
        return new NetworkSelectionElement(
                path,
                namespace(element).orElse(defaultNamespace),
                name(element),
                interfaceRequest(element),
                ips(element),
                hardwareAddress(element, "mac"),
                hardwareAddress(element, "infiniband-guid"),
                portMappings(element),
                bandwidth(element),
                deviceId(element),
                element.object("cni-args"),
                defaultRoute(element));
    }

    private static Optional<String> namespace(GoObject element) throws CniException {
        Optional<String> namespace = element.text("namespace");
        if (namespace.isPresent() && !KubernetesName.isLabel(namespace.get())) {
            throw fault(element.pathOf("namespace"), KubernetesName.LABEL_RULE, namespace.get());
        }
        return namespace;
    }

    private static String name(GoObject element) throws CniException {
        String name = element.text("name")
                .orElseThrow(() -> CniException.config(element.pathOf("name"), "required, and not there"));
        if (!KubernetesName.isSubdomain(name)) {
            throw fault(element.pathOf("name"), KubernetesName.SUBDOMAIN_RULE, name);
        }
        return name;
    }

    private static Optional<String> interfaceRequest(GoObject element) throws CniException {
        for (String key : List.of("interface", "interfaceRequest")) {
            Optional<String> name = element.text(key);
            if (name.isPresent()) {
                return Optional.of(NetworkSelections.interfaceName(element.pathOf(key), name.get()));
            }
        }
        return Optional.empty();
    }

    private static Optional<List<String>> ips(GoObject element) throws CniException {
        Optional<List<String>> ips = element.texts("ips");
        for (int i = 0; i < ips.map(List::size).orElse(0); i++) {
            String ip = ips.get().get(i);
            if (IpText.parse(ip).isEmpty() && Cidr.parse(ip).isEmpty()) {
                throw fault(
                        element.pathOf("ips") + "[" + i + "]",
                        "expected an IP address, with or without the length of its prefix (10.0.0.5/24)",
                        ip);
            }
        }
        return ips;
    }

    private static Optional<List<String>> defaultRoute(GoObject element) throws CniException {
        Optional<List<String>> gateways = element.texts("default-route");
        for (int i = 0; i < gateways.map(List::size).orElse(0); i++) {
            String gateway = gateways.get().get(i);
            if (IpText.parse(gateway).isEmpty()) {
                throw fault(
                        element.pathOf("default-route") + "[" + i + "]", "expected a gateway's IP address", gateway);
            }
        }
        return gateways;
    }

    private static Optional<String> hardwareAddress(GoObject element, String key) throws CniException {
        Optional<String> address = element.text(key);
        if (address.isPresent() && !HARDWARE_ADDRESS.matcher(address.get()).matches()) {
            throw fault(
                    element.pathOf(key),
                    "expected a hardware address of 6, 8 or 20 bytes (02:00:00:00:00:07)",
                    address.get());
        }
        return address;
    }

    private static Optional<String> deviceId(GoObject element) throws CniException {
        Optional<String> id = element.text("deviceID");
        if (id.isPresent() && !DEVICE_ID.matcher(id.get()).matches()) {
            throw fault(element.pathOf("deviceID"), "expected a device's ID, such as a PCI address", id.get());
        }
        return id;
    }

    private static Optional<ArrayNode> portMappings(GoObject element) throws CniException {
        Optional<ArrayNode> list = element.list("portMappings");
        if (list.isEmpty()) {
            return Optional.empty();
        }
        ArrayNode mappings = list.get().arrayNode();
        for (JsonNode mapping : list.get()) {
            String path = element.pathOf("portMappings") + "[" + mappings.size() + "]";
            mappings.add(portMapping(new GoObject(path, GoObject.objectOf(path, mapping))));
        }
        return Optional.of(mappings);
    }

    private static ObjectNode portMapping(GoObject from) throws CniException {
        ObjectNode mapping = from.json().objectNode();
        for (String port : List.of("hostPort", "containerPort")) {
            mapping.put(port, from.number(port, PORT_MAX).orElse(0L));
        }
        from.text("protocol").ifPresent(protocol -> mapping.put("protocol", protocol));
        Optional<String> hostIp = from.text("hostIP");
        if (hostIp.isPresent() && IpText.parse(hostIp.get()).isEmpty()) {
            throw fault(from.pathOf("hostIP"), "expected an IP address", hostIp.get());
        }
        hostIp.ifPresent(ip -> mapping.put("hostIP", ip));
        return mapping;
    }

    private static Optional<ObjectNode> bandwidth(GoObject element) throws CniException {
        Optional<ObjectNode> json = element.object("bandwidth");
        if (json.isEmpty()) {
            return Optional.empty();
        }
        GoObject from = new GoObject(element.pathOf("bandwidth"), json.get());
        ObjectNode bandwidth = json.get().objectNode();
        for (String rate : RATES) {
            bandwidth.put(rate, from.number(rate, Long.MAX_VALUE).orElse(0L));
        }
        return Optional.of(bandwidth);
    }

    private static CniException fault(String path, String rule, String value) {
        return CniException.config(path, rule + ", got " + PluginConf.typeOf(TextNode.valueOf(value)));
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.cni.CniResult;
import io.tsncni.cni.IpText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The annotation {@code k8s.v1.cni.cncf.io/network-status}, byte for byte as Multus writes it: there are controllers
 * that compare texts.
 */
public final class NetworkStatus {
    /** The NPWG's device information 1.1.0, in the order of its Go types: what they do not know is lost there. */
    private static final Map<String, List<String>> DEVICES = new LinkedHashMap<>();

    static {
        DEVICES.put("pci", List.of("pci-address", "vhost-net", "rdma-device", "pf-pci-address", "representor-device"));
        DEVICES.put(
                "vdpa",
                List.of("parent-device", "driver", "path", "pci-address", "pf-pci-address", "representor-device"));
        DEVICES.put("vhost-user", List.of("mode", "path"));
        DEVICES.put("memif", List.of("role", "path", "mode"));
    }

    /**
     * @param name of the network: {@code namespace/name} of its definition, or the CNI name
     * @param result as the plugin gave it, before anything changed the default routes
     * @param isDefault whether it is the pod's default network
     */
    public record Attached(String name, CniResult result, boolean isDefault, Optional<ObjectNode> deviceInfo) {}

    private NetworkStatus() {}

    /** @param networks in the order of their attachment */
    public static String of(List<Attached> networks) {
        return networks.stream()
                .flatMap(network -> entries(network).stream())
                .map(GoJson::indented)
                .collect(Collectors.joining(",", "[", "]"));
    }

    private static List<ObjectNode> entries(Attached network) {
        List<CniResult.Interface> interfaces = network.result().interfaces();
        if (interfaces.size() == 1) {
            CniResult.Interface only = interfaces.get(0);
            List<String> ips =
                    network.result().ips().stream().map(NetworkStatus::text).toList();
            return List.of(entry(
                    network,
                    only.sandbox().isEmpty() ? Optional.empty() : Optional.of(only),
                    network.isDefault(),
                    ips));
        }
        List<Integer> inPod = IntStream.range(0, interfaces.size())
                .filter(i -> !interfaces.get(i).sandbox().isEmpty())
                .boxed()
                .toList();
        int defaultInterface = network.isDefault() ? defaultInterface(network.result(), inPod) : -1;
        List<ObjectNode> entries = new ArrayList<>();
        for (int index : inPod) {
            boolean last = index == inPod.get(inPod.size() - 1);
            List<String> ips = network.result().ips().stream()
                    .filter(ip -> ip.interfaceIndex().orElse(last ? index : -1) == index)
                    .map(NetworkStatus::text)
                    .toList();
            entries.add(entry(network, Optional.of(interfaces.get(index)), index == defaultInterface, ips));
        }
        return entries;
    }

    /** The one that has the first address with a gateway; if no address has one, the first of the pod's. */
    private static int defaultInterface(CniResult result, List<Integer> inPod) {
        return result.ips().stream()
                .filter(ip -> ip.gateway().isPresent())
                .map(CniResult.Ip::interfaceIndex)
                .flatMapToInt(OptionalInt::stream)
                .findFirst()
                .orElse(inPod.isEmpty() ? -1 : inPod.get(0));
    }

    private static ObjectNode entry(
            Attached network, Optional<CniResult.Interface> shown, boolean isDefault, List<String> ips) {
        ObjectNode entry = JsonNodeFactory.instance.objectNode().put("name", network.name());
        shown.ifPresent(of -> putText(entry, "interface", of.name()));
        putTexts(entry, "ips", ips);
        shown.ifPresent(of -> putText(entry, "mac", of.mac()));
        shown.filter(of -> of.mtu() > 0).ifPresent(of -> entry.put("mtu", of.mtu()));
        if (isDefault) {
            entry.put("default", true);
        }
        entry.set("dns", dns(network.result().dns()));
        network.deviceInfo().ifPresent(info -> entry.set("device-info", deviceInfo(info)));
        // Multus shows a default route without gateway as "<nil>": no controller can want that.
        putTexts(
                entry,
                "gateway",
                network.result().routes().stream()
                        .filter(CniResult.Route::isDefault)
                        .flatMap(route -> route.gw().stream())
                        .map(IpText::of)
                        .toList());
        return entry;
    }

    private static String text(CniResult.Ip ip) {
        return IpText.of(ip.address().address());
    }

    private static ObjectNode dns(ObjectNode from) {
        ObjectNode dns = JsonNodeFactory.instance.objectNode();
        putTexts(dns, "nameservers", texts(from.path("nameservers")));
        putText(dns, "domain", from.path("domain").asText());
        putTexts(dns, "search", texts(from.path("search")));
        putTexts(dns, "options", texts(from.path("options")));
        return dns;
    }

    private static ObjectNode deviceInfo(ObjectNode from) {
        ObjectNode info = JsonNodeFactory.instance.objectNode();
        putText(info, "type", from.path("type").asText());
        putText(info, "version", from.path("version").asText());
        DEVICES.forEach((kind, keys) -> {
            if (from.path(kind).isObject()) {
                ObjectNode device = info.putObject(kind);
                keys.forEach(
                        key -> putText(device, key, from.path(kind).path(key).asText()));
            }
        });
        return info;
    }

    private static List<String> texts(JsonNode list) {
        List<String> texts = new ArrayList<>();
        list.forEach(text -> texts.add(text.asText()));
        return texts;
    }

    private static void putText(ObjectNode entry, String key, String value) {
        if (!value.isEmpty()) {
            entry.put(key, value);
        }
    }

    private static void putTexts(ObjectNode entry, String key, List<String> values) {
        if (!values.isEmpty()) {
            ArrayNode list = entry.putArray(key);
            values.forEach(list::add);
        }
    }
}

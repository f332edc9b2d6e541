// SPDX-License-Identifier: Apache-2.0
package io.tsncni.cni;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.StandardProtocolFamily;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Results of every version from and to one form: that of 1.1.0, without {@code cniVersion}. */
final class ResultCodec {
    private static final String VERSION = "cniVersion";

    /** These knew one address of each family, and no interfaces. */
    private static final Set<String> WITH_IP4_AND_IP6 = Set.of("0.1.0", "0.2.0");

    /** Versions of 1.x that are yet to come may add, but not change. */
    private static final Pattern WITH_LISTS = Pattern.compile("0\\.3\\.[01]|0\\.4\\.0|1\\.[0-9]+\\.[0-9]+");

    private static final List<String> KEYS = List.of("interfaces", "ips", "routes", "dns");
    private static final List<String> INTERFACE_SINCE_1_1_0 = List.of("mtu", "socketPath", "pciID");
    private static final List<String> ROUTE_SINCE_1_1_0 = List.of("mtu", "advmss", "priority", "table", "scope");

    private ResultCodec() {}

    static ObjectNode decode(ObjectNode result) throws CniException {
        ObjectNode json = hasIp4AndIp6(ResultNode.root(result)) ? withLists(result) : result.deepCopy();
        json.remove(VERSION);
        for (String key : KEYS) {
            if (json.path(key).isNull()) {
                json.remove(key);
            }
        }
        for (ResultNode ip : ResultNode.root(json).key("ips").elements()) {
            ip.object().remove("version");
        }
        return json;
    }

    static ObjectNode encode(ObjectNode json, CniVersion version) {
        ObjectNode result = JsonNodeFactory.instance.objectNode().put(VERSION, version.toString());
        for (String key : KEYS) {
            if (json.has(key)) {
                result.set(key, json.get(key).deepCopy());
            }
        }
        result.setAll(json.deepCopy().<ObjectNode>without(KEYS));
        if (version.compareTo(CniVersion.V1_1_0) < 0) {
            result.path("interfaces").forEach(element -> ((ObjectNode) element).remove(INTERFACE_SINCE_1_1_0));
            result.path("routes").forEach(element -> ((ObjectNode) element).remove(ROUTE_SINCE_1_1_0));
        }
        if (version.compareTo(CniVersion.V1_0_0) < 0 && result.has("ips")) {
            ArrayNode ips = result.putArray("ips");
            json.get("ips").forEach(ip -> ips.add(withVersion((ObjectNode) ip)));
        }
        return result;
    }

    private static ObjectNode withVersion(ObjectNode ip) {
        Cidr address = Cidr.parse(ip.path("address").asText()).orElseThrow();
        return JsonNodeFactory.instance
                .objectNode()
                .put("version", address.family() == StandardProtocolFamily.INET ? "4" : "6")
                .setAll(ip.deepCopy());
    }

    private static boolean hasIp4AndIp6(ResultNode result) throws CniException {
        ResultNode version = result.key(VERSION);
        if (version.text().isEmpty()) {
            // Plugins of the first versions did not write any.
            JsonNode json = result.json();
            return (json.has("ip4") || json.has("ip6")) && !json.has("ips") && !json.has("interfaces");
        }
        boolean old = WITH_IP4_AND_IP6.contains(version.text());
        if (!old && !WITH_LISTS.matcher(version.text()).matches()) {
            throw version.wrong("'" + version.text() + "' is no version of the CNI spec whose results are known here");
        }
        return old;
    }

    private static ObjectNode withLists(ObjectNode result) throws CniException {
        ObjectNode json = result.deepCopy().without(List.of("ip4", "ip6", "interfaces"));
        ArrayNode ips = json.putArray("ips");
        ArrayNode routes = json.putArray("routes");
        for (String key : List.of("ip4", "ip6")) {
            ResultNode found = ResultNode.root(result).key(key);
            if (found.isThere()) {
                ObjectNode others = found.object().deepCopy().without(List.of("ip", "routes"));
                ips.addObject()
                        .put("address", found.key("ip").cidr().toString())
                        .setAll(others);
                // Understood once more as one of "ips" and "routes"; here for the sake of the path in the message.
                found.key("gateway").address();
                for (ResultNode route : found.key("routes").elements()) {
                    CniResult.Route.decode(route);
                    routes.add(route.json().deepCopy());
                }
            }
        }
        return json;
    }
}

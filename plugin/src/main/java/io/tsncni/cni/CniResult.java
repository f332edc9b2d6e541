// SPDX-License-Identifier: Apache-2.0
package io.tsncni.cni;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.InetAddress;
import java.net.StandardProtocolFamily;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** What a plugin answers to ADD, whatever version it answered in; the keys that we do not know included. */
public final class CniResult {
    /**
     * @param mac empty without
     * @param mtu 0 without
     * @param sandbox the network namespace; empty for an interface of the host
     */
    public record Interface(String name, String mac, int mtu, String sandbox) {
        static Interface decode(ResultNode node) throws CniException {
            node.object();
            return new Interface(
                    node.key("name").text(),
                    node.key("mac").text(),
                    node.key("mtu").number().orElse(0),
                    node.key("sandbox").text());
        }
    }

    /** @param interfaceIndex where in {@link #interfaces} the interface is that has it */
    public record Ip(OptionalInt interfaceIndex, Cidr address, Optional<InetAddress> gateway) {
        static Ip decode(ResultNode node, int interfaces) throws CniException {
            node.object();
            OptionalInt index = node.key("interface").number();
            if (index.isPresent() && index.getAsInt() >= interfaces) {
                throw node.key("interface").wrong(index.getAsInt() + ", but 'interfaces' has " + interfaces);
            }
            return new Ip(index, node.key("address").cidr(), node.key("gateway").address());
        }
    }

    public record Route(Cidr dst, Optional<InetAddress> gw) {
        static Route decode(ResultNode node) throws CniException {
            node.object();
            return new Route(node.key("dst").cidr(), node.key("gw").address());
        }

        public boolean isDefault() {
            return dst.prefixLength() == 0;
        }
    }

    private final ObjectNode json;
    private final List<Interface> interfaces;
    private final List<Ip> ips;
    private final List<Route> routes;

    private CniResult(ObjectNode json, List<Interface> interfaces, List<Ip> ips, List<Route> routes) {
        this.json = json;
        this.interfaces = List.copyOf(interfaces);
        this.ips = List.copyOf(ips);
        this.routes = List.copyOf(routes);
    }

    /** From what a plugin printed. */
    public static CniResult parse(byte[] stdout) throws CniException {
        return parse(JsonText.object(stdout, "stdout", "the result"));
    }

    public static CniResult parse(ObjectNode result) throws CniException {
        ObjectNode json = ResultCodec.decode(result);
        ResultNode root = ResultNode.root(json);
        List<Interface> interfaces = new ArrayList<>();
        for (ResultNode node : root.key("interfaces").elements()) {
            interfaces.add(Interface.decode(node));
        }
        List<Ip> ips = new ArrayList<>();
        for (ResultNode node : root.key("ips").elements()) {
            ips.add(Ip.decode(node, interfaces.size()));
        }
        List<Route> routes = new ArrayList<>();
        for (ResultNode node : root.key("routes").elements()) {
            routes.add(Route.decode(node));
        }
        checkDns(root.key("dns"));
        return new CniResult(json, interfaces, ips, routes);
    }

    private static void checkDns(ResultNode dns) throws CniException {
        if (dns.isThere()) {
            dns.object();
            dns.key("domain").text();
            for (String list : List.of("nameservers", "search", "options")) {
                for (ResultNode entry : dns.key(list).elements()) {
                    entry.requiredText();
                }
            }
        }
    }

    /**
     * For a plugin that made nothing: the interface that was there before.
     *
     * @param mac may be empty
     */
    public static CniResult ofInterface(String name, String mac, String sandbox) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        ObjectNode element = json.putArray("interfaces").addObject().put("name", name);
        if (!mac.isEmpty()) {
            element.put("mac", mac);
        }
        element.put("sandbox", sandbox);
        return new CniResult(json, List.of(new Interface(name, mac, 0, sandbox)), List.of(), List.of());
    }

    /** As a plugin of that version writes it, without what came later. */
    public ObjectNode toJson(CniVersion version) {
        return ResultCodec.encode(json, version);
    }

    public List<Interface> interfaces() {
        return interfaces;
    }

    public List<Ip> ips() {
        return ips;
    }

    public List<Route> routes() {
        return routes;
    }

    /** {@code nameservers}, {@code domain}, {@code search}, {@code options}, each only if there. */
    public ObjectNode dns() {
        return json.path("dns") instanceof ObjectNode dns ? dns.deepCopy() : JsonNodeFactory.instance.objectNode();
    }

    /** Without the default routes of these families, and then with one by each gateway. */
    public CniResult withDefaultRoutes(Set<StandardProtocolFamily> without, List<InetAddress> gateways) {
        ObjectNode changed = json.deepCopy();
        ArrayNode list = changed.putArray("routes");
        List<Route> left = new ArrayList<>();
        for (int i = 0; i < routes.size(); i++) {
            Route route = routes.get(i);
            if (!route.isDefault() || !without.contains(route.dst().family())) {
                left.add(route);
                list.add(json.get("routes").get(i).deepCopy());
            }
        }
        for (InetAddress gateway : gateways) {
            Route route = new Route(Cidr.everything(Cidr.familyOf(gateway)), Optional.of(gateway));
            if (!left.contains(route)) {
                left.add(route);
                list.addObject().put("dst", route.dst().toString()).put("gw", IpText.of(gateway));
            }
        }
        return new CniResult(changed, interfaces, ips, left);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CniResult result && json.equals(result.json);
    }

    @Override
    public int hashCode() {
        return json.hashCode();
    }

    @Override
    public String toString() {
        return json.toString();
    }
}

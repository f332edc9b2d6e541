// SPDX-License-Identifier: Apache-2.0
package io.tsncni.resolve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.cni.CniException;
import io.tsncni.cni.InterfaceName;
import io.tsncni.cni.PluginConf;
import io.tsncni.datapath.Policy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Our own keys of a network configuration.
 *
 * @param egress the NICs; empty if the configuration names none
 * @param interfaceName the pod's interface, if the configuration names one
 * @param raw the keys as they were written, to be kept with the attachment
 */
public record TsnConf(List<String> egress, Policy policy, Optional<String> interfaceName, ObjectNode raw) {
    /** The {@code type} of a configuration that is for us. */
    public static final String TYPE = "tsn";

    /** tsn-proxy's name for {@code egress}, so that its configurations work unchanged. */
    private static final String EGRESS_ALIAS = "tsnIfname";

    /** Not among {@code OWN}: the networks that we make are recorded as such. */
    private static final String DELEGATE = "delegate";

    /** The shim reads it, because it is for when there is no agent. Not among {@code OWN}: it asks for no saver. */
    private static final String ON_AGENT_DOWN = "onAgentDown";

    private static final Set<String> OWN =
            Set.of("egress", EGRESS_ALIAS, "priorityMap", "unmapped", "txtime", "interface");
    private static final Set<String> OF_CNI = Set.of(
            "cniVersion",
            "name",
            "type",
            "prevResult",
            "runtimeConfig",
            "args",
            "capabilities",
            "ipam",
            "dns",
            // Says that tsnd has put the entry there.
            "installedBy");

    public static TsnConf parse(ObjectNode conf) throws CniException {
        ObjectNode raw = conf.objectNode();
        requireOnAgentDown(conf.path(ON_AGENT_DOWN));
        OWN.stream().sorted().filter(conf::has).forEach(key -> raw.set(key, conf.get(key)));
        return new TsnConf(egress(conf), PolicyConf.parse(conf), interfaceName(conf), raw);
    }

    /** Whether this is a key of an entry of type tsn, rather than of every plugin's. */
    public static boolean isOwn(String key) {
        return OWN.contains(key) || key.equals(ON_AGENT_DOWN);
    }

    /** All that are known, but a meta-plugin's. */
    public static Set<String> keys() {
        Set<String> keys = new TreeSet<>(OF_CNI);
        keys.addAll(OWN);
        keys.addAll(Set.of(DELEGATE, ON_AGENT_DOWN));
        return keys;
    }

    private static void requireOnAgentDown(JsonNode node) throws CniException {
        if (!node.isMissingNode() && !Set.of("fail", "pass").contains(node.isTextual() ? node.asText() : "")) {
            throw CniException.config(ON_AGENT_DOWN, "expected one of [fail, pass], got " + PluginConf.typeOf(node));
        }
    }

    /** Whether it says anything about traffic, and so wants a saver. */
    public boolean hasKeys() {
        return raw.size() > (raw.has("interface") ? 1 : 0);
    }

    /** The keys that nobody reads: more often a spelling mistake than an intention. */
    public static Set<String> unknownKeys(ObjectNode conf) {
        Set<String> known = keys();
        Set<String> unknown = new TreeSet<>();
        conf.fieldNames().forEachRemaining(key -> {
            if (!known.contains(key) && !MetaConf.knows(key) && !key.startsWith("cni.dev/")) {
                unknown.add(key);
            }
        });
        return unknown;
    }

    private static List<String> egress(ObjectNode conf) throws CniException {
        if (conf.has("egress") && conf.has(EGRESS_ALIAS)) {
            throw CniException.config(EGRESS_ALIAS, "is another name for egress, which is there too; keep one");
        }
        String key = conf.has(EGRESS_ALIAS) ? EGRESS_ALIAS : "egress";
        JsonNode node = conf.path(key);
        if (node.isMissingNode()) {
            return List.of();
        }
        if (!node.isArray()) {
            return List.of(interfaceName(key, node));
        }
        List<String> nics = new ArrayList<>();
        for (JsonNode element : node) {
            String nic = interfaceName(key + "[" + nics.size() + "]", element);
            if (nics.contains(nic)) {
                throw CniException.config(key + "[" + nics.size() + "]", "'" + nic + "' is there twice");
            }
            nics.add(nic);
        }
        if (nics.isEmpty()) {
            throw CniException.config(key, "an empty list; name the NIC whose qdisc must see the priority");
        }
        return List.copyOf(nics);
    }

    private static Optional<String> interfaceName(ObjectNode conf) throws CniException {
        JsonNode node = conf.path("interface");
        return node.isMissingNode() ? Optional.empty() : Optional.of(interfaceName("interface", node));
    }

    private static String interfaceName(String path, JsonNode node) throws CniException {
        if (!node.isTextual()) {
            throw CniException.config(path, "expected an interface name, got " + PluginConf.typeOf(node));
        }
        if (!InterfaceName.isValid(node.asText())) {
            throw CniException.config(path, "'" + node.asText() + "' " + InterfaceName.RULE);
        }
        return node.asText();
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.cni;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The network configuration that a plugin gets on stdin.
 *
 * @param network the name of the network, shared by all plugins of a list
 * @param prevResult of the plugin before us, in our version
 * @param raw everything, the keys that we do not know included
 */
public record PluginConf(CniVersion version, String network, Optional<ObjectNode> prevResult, ObjectNode raw) {
    private static final Pattern NETWORK_NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.\\-]*");
    static final String NETWORK_NAME_RULE = "letters, digits, '_', '.' and '-', a letter or digit first";

    public static PluginConf parse(byte[] stdin) throws CniException {
        ObjectNode raw = object(stdin);
        PluginConf conf = withoutResult(raw);
        return new PluginConf(conf.version, conf.network, prevResult(raw, conf.version), raw);
    }

    /** Does not look at {@code prevResult}, for who needs none. */
    public static PluginConf parseWithoutResult(byte[] stdin) throws CniException {
        return withoutResult(object(stdin));
    }

    private static PluginConf withoutResult(ObjectNode raw) throws CniException {
        CniVersion version = version(raw);
        String network = text(raw, "name");
        if (!isNetworkName(network)) {
            throw CniException.config("name", "'" + network + "' is not a network name: " + NETWORK_NAME_RULE);
        }
        return new PluginConf(version, network, Optional.empty(), raw);
    }

    public static boolean isNetworkName(String name) {
        return NETWORK_NAME.matcher(name).matches();
    }

    /** For the answer to a configuration that is wrong otherwise. */
    public static Optional<CniVersion> versionOf(byte[] stdin) {
        try {
            return Optional.of(version(object(stdin)));
        } catch (CniException e) {
            return Optional.empty();
        }
    }

    private static ObjectNode object(byte[] stdin) throws CniException {
        return JsonText.object(stdin, "stdin", "the network configuration");
    }

    private static CniVersion version(ObjectNode raw) throws CniException {
        String text = text(raw, "cniVersion");
        return CniVersion.of(text)
                .orElseThrow(() -> new CniException(
                        CniErrorCode.INCOMPATIBLE_VERSION,
                        "cniVersion: '" + text + "' is not spoken here; use one of " + CniVersion.supported()));
    }

    private static Optional<ObjectNode> prevResult(ObjectNode raw, CniVersion version) throws CniException {
        JsonNode node = raw.get("prevResult");
        if (node == null || node.isNull()) {
            return Optional.empty();
        }
        if (!(node instanceof ObjectNode result)) {
            throw CniException.config("prevResult", "expected a result, an object, got " + typeOf(node));
        }
        JsonNode of = result.path("cniVersion");
        if (!of.isMissingNode() && !of.asText().equals(version.toString())) {
            throw CniException.config(
                    "prevResult.cniVersion",
                    "'" + of.asText() + "', but this network is " + version
                            + ": every plugin of a list speaks the list's version");
        }
        for (String list : new String[] {"interfaces", "ips", "routes"}) {
            if (result.hasNonNull(list) && !result.get(list).isArray()) {
                throw CniException.config("prevResult." + list, "expected a list, got " + typeOf(result.get(list)));
            }
        }
        return Optional.of(result);
    }

    private static String text(ObjectNode raw, String key) throws CniException {
        JsonNode node = raw.get(key);
        if (node == null || !node.isTextual()) {
            throw CniException.config(
                    key, node == null ? "required, and not there" : "expected a string, got " + typeOf(node));
        }
        return node.asText();
    }

    /** The kind of a value for a message, with the value itself when it is short. */
    public static String typeOf(JsonNode node) {
        String value = node.toString();
        return "the " + node.getNodeType().name().toLowerCase(java.util.Locale.ROOT) + " "
                + (value.length() <= 60 ? value : value.substring(0, 57) + "...");
    }
}

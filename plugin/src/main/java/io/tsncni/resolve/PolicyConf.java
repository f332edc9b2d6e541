// SPDX-License-Identifier: Apache-2.0
package io.tsncni.resolve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.cni.CniException;
import io.tsncni.cni.PluginConf;
import io.tsncni.datapath.Policy;
import io.tsncni.datapath.Policy.Target;
import io.tsncni.datapath.Stamp;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** {@code priorityMap}, {@code unmapped} and {@code txtime}, as JSON says them. */
final class PolicyConf {
    private static final String OTHERS = "*";
    private static final Pattern PRIORITY = Pattern.compile("[0-9]|1[0-5]");
    private static final long PRIORITY_MAX = 0xffff_ffffL;

    private PolicyConf() {}

    static Policy parse(ObjectNode conf) throws CniException {
        Optional<Map<String, Target>> map = priorityMap(conf);
        String unmapped = choice(conf, "unmapped", "zero", Set.of("zero", "keep", "drop"));
        String txtime = choice(conf, "txtime", "preserve", Set.of("preserve", "clear"));
        List<Target> targets = new ArrayList<>();
        for (int from = 0; from <= Stamp.PRIORITY_OTHER; from++) {
            targets.add(target(from, map, unmapped));
        }
        return new Policy(targets, txtime.equals("clear"));
    }

    private static Target target(int from, Optional<Map<String, Target>> map, String unmapped) {
        if (map.isEmpty() && from < Stamp.PRIORITIES) {
            return new Target.Priority(from);
        }
        Map<String, Target> named = map.orElse(Map.of());
        Target own = from < Stamp.PRIORITIES ? named.get(Integer.toString(from)) : null;
        if (own != null) {
            return own;
        }
        if (named.containsKey(OTHERS)) {
            return named.get(OTHERS);
        }
        return switch (unmapped) {
            case "keep" -> new Target.Keep();
            case "drop" -> new Target.Drop();
            default -> new Target.Priority(0);
        };
    }

    /** Empty without the key, which means every priority of 0 to 15 stays what it is. */
    private static Optional<Map<String, Target>> priorityMap(ObjectNode conf) throws CniException {
        JsonNode node = conf.path("priorityMap");
        if (node.isMissingNode()) {
            return Optional.empty();
        }
        if (!node.isObject()) {
            throw CniException.config("priorityMap", "expected an object, got " + PluginConf.typeOf(node));
        }
        Map<String, Target> map = new HashMap<>();
        for (Map.Entry<String, JsonNode> entry : node.properties()) {
            String path = "priorityMap." + entry.getKey();
            if (!entry.getKey().equals(OTHERS)
                    && !PRIORITY.matcher(entry.getKey()).matches()) {
                throw CniException.config(path, "the key is a pod priority, \"0\" to \"15\", or \"*\" for the others");
            }
            map.put(entry.getKey(), target(path, entry.getValue()));
        }
        return Optional.of(map);
    }

    private static Target target(String path, JsonNode value) throws CniException {
        if (value.isTextual() && value.asText().equals("drop")) {
            return new Target.Drop();
        }
        if (!value.isIntegralNumber()
                || !value.canConvertToLong()
                || value.asLong() < 0
                || value.asLong() > PRIORITY_MAX) {
            throw CniException.config(
                    path,
                    "expected a NIC priority, 0 to " + PRIORITY_MAX + ", or \"drop\", got " + PluginConf.typeOf(value));
        }
        return new Target.Priority(value.asLong());
    }

    private static String choice(ObjectNode conf, String key, String byDefault, Set<String> choices)
            throws CniException {
        JsonNode node = conf.path(key);
        if (node.isMissingNode()) {
            return byDefault;
        }
        if (!node.isTextual() || !choices.contains(node.asText())) {
            throw CniException.config(
                    key, "expected one of " + new TreeSet<>(choices) + ", got " + PluginConf.typeOf(node));
        }
        return node.asText();
    }
}

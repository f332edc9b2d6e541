// SPDX-License-Identifier: Apache-2.0
package io.tsncni.cni;

import com.fasterxml.jackson.databind.node.TextNode;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * CNI_ARGS: {@code KEY=VALUE;KEY=VALUE}. Of a key that is there twice the last counts, as for libcni.
 *
 * @param pairs in their order
 */
public record CniArgs(Map<String, String> pairs) {
    private static final String IGNORE_UNKNOWN = "IgnoreUnknown";
    private static final String NAMESPACE = "K8S_POD_NAMESPACE";
    private static final String NAME = "K8S_POD_NAME";
    private static final String UID = "K8S_POD_UID";
    private static final String INFRA_CONTAINER_ID = "K8S_POD_INFRA_CONTAINER_ID";
    private static final int ID_MAX = 253;
    private static final Pattern ID = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.\\-]*");

    public CniArgs {
        pairs = Collections.unmodifiableMap(new LinkedHashMap<>(pairs));
    }

    public static CniArgs parse(String text) throws CniException {
        Map<String, String> pairs = new LinkedHashMap<>();
        if (text.isEmpty()) {
            return new CniArgs(pairs);
        }
        for (String pair : text.split(";", -1)) {
            int equals = pair.indexOf('=');
            if (equals < 1 || pair.indexOf('=', equals + 1) >= 0) {
                throw invalid("CNI_ARGS", "expected pairs KEY=VALUE with ';' between them", pair);
            }
            pairs.put(pair.substring(0, equals), pair.substring(equals + 1));
        }
        return new CniArgs(pairs);
    }

    public Optional<String> get(String key) {
        return Optional.ofNullable(pairs.get(key));
    }

    /** Empty if there is no namespace: podman names its containers by K8S_POD_NAME, in ways no pod can be named. */
    public Optional<PodRef> pod() throws CniException {
        String namespace = pairs.getOrDefault(NAMESPACE, "");
        String name = pairs.getOrDefault(NAME, "");
        if (namespace.isEmpty() || name.isEmpty()) {
            return Optional.empty();
        }
        if (!KubernetesName.isLabel(namespace)) {
            throw invalid("CNI_ARGS: " + NAMESPACE, KubernetesName.LABEL_RULE, namespace);
        }
        if (!KubernetesName.isSubdomain(name)) {
            throw invalid("CNI_ARGS: " + NAME, KubernetesName.SUBDOMAIN_RULE, name);
        }
        return Optional.of(new PodRef(namespace, name, id(UID), id(INFRA_CONTAINER_ID)));
    }

    private Optional<String> id(String key) throws CniException {
        String id = pairs.getOrDefault(key, "");
        if (id.isEmpty()) {
            return Optional.empty();
        }
        if (id.length() > ID_MAX || !ID.matcher(id).matches()) {
            throw invalid("CNI_ARGS: " + key, "expected at most " + ID_MAX + " letters, digits, '_', '.' and '-'", id);
        }
        return Optional.of(id);
    }

    /** What a delegate gets: all of these, each once, and what every delegate can count on in front. */
    public CniArgs forDelegate(String containerId) {
        Map<String, String> all = new LinkedHashMap<>();
        all.put(IGNORE_UNKNOWN, "true");
        for (String key : List.of(NAMESPACE, NAME)) {
            get(key).ifPresent(value -> all.put(key, value));
        }
        all.put(INFRA_CONTAINER_ID, containerId);
        get(UID).ifPresent(value -> all.put(UID, value));
        all.putAll(pairs);
        return new CniArgs(all);
    }

    /** For who looks the UID up because the runtime did not tell it. */
    public CniArgs withUid(String uid) {
        return with(UID, uid);
    }

    /** The convention from before capabilities, which host-local and bridge honour without any. */
    public CniArgs withMac(String mac) {
        return with("MAC", mac);
    }

    /** As {@link #withMac}. */
    public CniArgs withIps(List<String> ips) {
        return with("IP", String.join(",", ips));
    }

    private CniArgs with(String key, String value) {
        Map<String, String> all = new LinkedHashMap<>(pairs);
        all.remove(key);
        all.put(key, value);
        return new CniArgs(all);
    }

    /** The text of the variable. */
    @Override
    public String toString() {
        return pairs.entrySet().stream()
                .map(pair -> pair.getKey() + "=" + pair.getValue())
                .collect(Collectors.joining(";"));
    }

    private static CniException invalid(String what, String rule, String value) {
        return new CniException(
                CniErrorCode.INVALID_ENVIRONMENT,
                what + ": " + rule + ", got " + PluginConf.typeOf(TextNode.valueOf(value)));
    }
}

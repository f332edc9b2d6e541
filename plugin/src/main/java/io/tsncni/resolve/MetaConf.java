// SPDX-License-Identifier: Apache-2.0
package io.tsncni.resolve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.tsncni.cni.CniException;
import io.tsncni.cni.KubernetesName;
import io.tsncni.cni.NetworkConfigList;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The keys that make us a meta-plugin, as Multus names them.
 *
 * @param type that we are called by
 * @param confDir where configurations are looked up by their name
 * @param delegates the networks of every pod, the default network first; empty if there is a {@code clusterNetwork}
 * @param clusterNetwork name or path of the default network
 * @param defaultNetworks what every pod gets beside the {@code clusterNetwork}
 * @param namespaceIsolation a pod may only name networks of its own namespace and of {@code globalNamespaces}
 * @param systemNamespaces whose pods get no {@code defaultNetworks}
 * @param multusNamespace of networks that the configuration names
 * @param parallel whether the networks after the first are attached at the same time
 * @param runtimeConfig of the runtime, for every network
 */
public record MetaConf(
        String type,
        String confDir,
        String binDir,
        List<NetworkConfigList> delegates,
        Optional<String> clusterNetwork,
        List<String> defaultNetworks,
        boolean namespaceIsolation,
        List<String> globalNamespaces,
        List<String> systemNamespaces,
        String multusNamespace,
        boolean parallel,
        ObjectNode runtimeConfig) {

    static final String BIN_DIR = "/opt/cni/bin";

    private static final Set<String> KEYS = Set.of(
            "confDir",
            "binDir",
            "delegates",
            "clusterNetwork",
            "defaultNetworks",
            "namespaceIsolation",
            "globalNamespaces",
            "systemNamespaces",
            "multusNamespace",
            "parallel",
            // Of Multus, for what is the agent's own affair here.
            "cniDir",
            "kubeconfig",
            "retryDeleteOnError",
            "logFile",
            "logLevel",
            "logToStderr",
            "logOptions");

    /** Whether a configuration is a meta-plugin's. */
    public static boolean isMeta(ObjectNode conf) {
        GoObject keys = new GoObject("", conf);
        return keys.has("delegates") || keys.has("clusterNetwork");
    }

    public static Set<String> keys() {
        return KEYS;
    }

    static boolean knows(String key) {
        return KEYS.stream().anyMatch(key::equalsIgnoreCase);
    }

    public static MetaConf parse(ObjectNode conf) throws CniException {
        GoObject keys = new GoObject("", conf);
        Optional<String> clusterNetwork = keys.text("clusterNetwork");
        List<NetworkConfigList> delegates = clusterNetwork.isPresent() ? List.of() : delegates(keys);
        if (clusterNetwork.isEmpty() && delegates.isEmpty()) {
            throw CniException.config("delegates", "at least one delegate/clusterNetwork must be specified");
        }
        return new MetaConf(
                keys.text("type").orElse(""),
                directory(keys, "confDir", "/etc/cni/multus/net.d"),
                directory(keys, "binDir", BIN_DIR),
                delegates,
                clusterNetwork,
                clusterNetwork.isPresent() ? keys.texts("defaultNetworks").orElse(List.of()) : List.of(),
                keys.flag("namespaceIsolation", false),
                keys.text("globalNamespaces").map(MetaConf::commaList).orElse(List.of("default")),
                keys.texts("systemNamespaces").filter(list -> !list.isEmpty()).orElse(List.of("kube-system")),
                multusNamespace(keys),
                keys.flag("parallel", true),
                keys.object("runtimeConfig").orElse(conf.objectNode()));
    }

    private static List<NetworkConfigList> delegates(GoObject keys) throws CniException {
        List<NetworkConfigList> delegates = new ArrayList<>();
        Optional<ArrayNode> list = keys.list("delegates");
        if (list.isPresent()) {
            for (JsonNode delegate : list.get()) {
                String path = "delegates[" + delegates.size() + "]";
                delegates.add(NetworkConfigList.parse(path, GoObject.objectOf(path, delegate), Optional.empty()));
            }
        }
        return delegates;
    }

    private static String multusNamespace(GoObject keys) throws CniException {
        String namespace = keys.text("multusNamespace").orElse("kube-system");
        if (!KubernetesName.isLabel(namespace)) {
            throw GoObject.expected("multusNamespace", "a namespace", TextNode.valueOf(namespace));
        }
        return namespace;
    }

    private static String directory(GoObject keys, String key, String byDefault) throws CniException {
        String directory = keys.text(key).orElse(byDefault);
        // A relative one would be relative to the agent, who is not where the runtime is.
        if (!isAbsolute(directory)) {
            throw GoObject.expected(key, "an absolute path", TextNode.valueOf(directory));
        }
        return directory;
    }

    private static boolean isAbsolute(String path) {
        try {
            return Path.of(path).isAbsolute();
        } catch (InvalidPathException e) {
            return false;
        }
    }

    private static List<String> commaList(String text) {
        return Arrays.stream(text.split(",")).map(String::strip).toList();
    }
}

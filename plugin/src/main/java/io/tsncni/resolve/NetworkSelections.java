// SPDX-License-Identifier: Apache-2.0
package io.tsncni.resolve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.tsncni.cni.CniException;
import io.tsncni.cni.InterfaceName;
import io.tsncni.cni.JsonText;
import io.tsncni.cni.KubernetesName;
import io.tsncni.cni.PluginConf;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The grammar of the annotations that name networks: a list in JSON, or {@code [namespace/]name[@interface],...}. */
public final class NetworkSelections {
    /** Of the pod's author, for what else the pod gets. */
    public static final String NETWORKS = "k8s.v1.cni.cncf.io/networks";

    /** For a pod's own choice of its first network. */
    public static final String DEFAULT_NETWORK = "v1.multus-cni.io/default-network";

    /** The text could name tens of thousands, each with a configuration in memory. */
    private static final int ELEMENTS_MAX = 256;

    private NetworkSelections() {}

    /** Nothing wrong gets out of here: what is returned can be put into API paths, file names and plugins' input. */
    public static List<NetworkSelectionElement> parse(String annotationKey, String text, String defaultNamespace)
            throws CniException {
        if (text.isEmpty()) {
            return List.of();
        }
        JsonText.requireBounded(annotationKey, text);
        boolean isJson = text.chars().anyMatch(c -> c == '[' || c == '{' || c == '"');
        List<NetworkSelectionElement> elements =
                isJson ? json(annotationKey, text, defaultNamespace) : shortForm(annotationKey, text, defaultNamespace);
        requireOwnInterfaces(elements);
        return List.copyOf(elements);
    }

    private static List<NetworkSelectionElement> json(String key, String text, String defaultNamespace)
            throws CniException {
        JsonNode list = JsonText.parse(key, text);
        if (!list.isArray()) {
            throw CniException.config(key, "expected a list of networks, got " + PluginConf.typeOf(list));
        }
        requireCount(key, list.size());
        List<NetworkSelectionElement> elements = new ArrayList<>();
        for (JsonNode element : list) {
            String path = key + "[" + elements.size() + "]";
            elements.add(SelectionReader.read(path, GoObject.objectOf(path, element), defaultNamespace));
        }
        return elements;
    }

    private static List<NetworkSelectionElement> shortForm(String key, String text, String defaultNamespace)
            throws CniException {
        String[] items = text.split(",", -1);
        requireCount(key, items.length);
        List<NetworkSelectionElement> elements = new ArrayList<>();
        for (String item : items) {
            elements.add(shortElement(key + "[" + elements.size() + "]", item.strip(), defaultNamespace));
        }
        return elements;
    }

    private static NetworkSelectionElement shortElement(String path, String item, String defaultNamespace)
            throws CniException {
        String[] slash = item.split("/", -1);
        String[] at = slash[slash.length - 1].split("@", -1);
        if (slash.length > 2 || at.length > 2) {
            throw shortFault(path, "expected [namespace/]name[@interface]", item);
        }
        String namespace = slash.length == 2 ? slash[0].strip() : "";
        String name = at[0].strip();
        String ifName = at.length == 2 ? at[1].strip() : "";
        if (!namespace.isEmpty() && !KubernetesName.isLabel(namespace)) {
            throw shortFault(path, "namespace: " + KubernetesName.LABEL_RULE, namespace);
        }
        if (!KubernetesName.isSubdomain(name)) {
            throw shortFault(path, "name: " + KubernetesName.SUBDOMAIN_RULE, name);
        }
        if (name.indexOf('.') >= 0) {
            throw shortFault(path, "a name with dots can only be said in JSON, [{\"name\": ...}]", name);
        }
        return NetworkSelectionElement.named(
                path,
                namespace.isEmpty() ? defaultNamespace : namespace,
                name,
                ifName.isEmpty() ? Optional.empty() : Optional.of(interfaceName(path, ifName)));
    }

    static String interfaceName(String path, String name) throws CniException {
        if (!InterfaceName.isValid(name) || name.chars().anyMatch(Character::isISOControl)) {
            throw CniException.config(path, PluginConf.typeOf(TextNode.valueOf(name)) + " " + InterfaceName.RULE);
        }
        return name;
    }

    private static CniException shortFault(String path, String rule, String value) {
        return CniException.config(path, rule + ", got " + PluginConf.typeOf(TextNode.valueOf(value)));
    }

    private static void requireCount(String key, int count) throws CniException {
        if (count > ELEMENTS_MAX) {
            throw CniException.config(key, "names " + count + " networks; a pod can have " + ELEMENTS_MAX);
        }
    }

    private static void requireOwnInterfaces(List<NetworkSelectionElement> elements) throws CniException {
        Map<String, String> taken = new HashMap<>();
        for (NetworkSelectionElement element : elements) {
            String ifName = element.interfaceRequest().orElse("");
            String before = ifName.isEmpty() ? null : taken.put(ifName, element.path());
            if (before != null) {
                throw CniException.config(
                        element.path(), "asks for the interface '" + ifName + "', as " + before + " does");
            }
        }
    }
}

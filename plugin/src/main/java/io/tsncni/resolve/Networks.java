// SPDX-License-Identifier: Apache-2.0
package io.tsncni.resolve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.tsncni.cni.CniErrorCode;
import io.tsncni.cni.CniException;
import io.tsncni.cni.JsonText;
import io.tsncni.cni.KubernetesName;
import io.tsncni.cni.NetworkConfigList;
import io.tsncni.cni.PluginConf;
import io.tsncni.kube.NetworkAttachmentDefinition;
import io.tsncni.kube.PodInfo;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Which networks a pod gets: what the node's configuration says, then what the pod asks for. */
public final class Networks {
    private final MetaConf conf;
    private final NadSource nads;
    private final ConfDir confDir;

    /** A pod may name one network many times. */
    private final Map<String, NetworkConfigList> ofNads = new HashMap<>();

    private Networks(MetaConf conf, NadSource nads) {
        this.conf = conf;
        this.nads = nads;
        this.confDir = new ConfDir(Path.of(conf.confDir()));
    }

    private record Named(String displayName, NetworkConfigList list, Optional<NetworkSelectionElement> request) {}

    /**
     * @param ifName CNI_IFNAME, the master's interface
     * @param pod empty if the runtime is none of Kubernetes: the container gets the default network alone
     */
    public static NetworkPlan resolve(MetaConf conf, String ifName, Optional<PodInfo> pod, NadSource nads)
            throws CniException {
        Networks networks = new Networks(conf, nads);
        boolean withDefaults =
                pod.isPresent() && !conf.systemNamespaces().contains(pod.get().namespace());
        return networks.resolve(ifName, pod, withDefaults);
    }

    /** What the configuration alone gives to pods, but for those of system namespaces. */
    public static NetworkPlan ofEveryPod(MetaConf conf, String ifName, NadSource nads) throws CniException {
        return new Networks(conf, nads).resolve(ifName, Optional.empty(), true);
    }

    private NetworkPlan resolve(String ifName, Optional<PodInfo> pod, boolean withDefaults) throws CniException {
        // All that may be wrong with the annotations, before anyone is asked for anything.
        Optional<NetworkSelectionElement> ownDefault = Optional.empty();
        List<NetworkSelectionElement> selections = List.of();
        if (pod.isPresent()) {
            ownDefault = ownDefault(pod.get());
            selections = selections(pod.get());
        }
        List<Named> all = new ArrayList<>(defaultNetwork(ownDefault));
        if (withDefaults) {
            for (String name : conf.defaultNetworks()) {
                all.add(configured("defaultNetworks", name));
            }
        }
        for (NetworkSelectionElement selection : selections) {
            all.add(selected(selection));
        }
        return plan(all, ifName);
    }

    private Optional<NetworkSelectionElement> ownDefault(PodInfo pod) throws CniException {
        String key = NetworkSelections.DEFAULT_NETWORK;
        String text = pod.annotations().getOrDefault(key, "");
        if (text.isEmpty()) {
            return Optional.empty();
        }
        List<NetworkSelectionElement> elements = NetworkSelections.parse(key, text, conf.multusNamespace());
        if (elements.size() != 1) {
            throw CniException.config(
                    key,
                    elements.isEmpty()
                            ? "names no network; leave it out for the node's default network"
                            : "more than one default network is specified");
        }
        if (!elements.get(0).namespace().equals(conf.multusNamespace())) {
            requireAllowed(pod, elements.get(0));
        }
        return Optional.of(elements.get(0));
    }

    private List<NetworkSelectionElement> selections(PodInfo pod) throws CniException {
        String key = NetworkSelections.NETWORKS;
        List<NetworkSelectionElement> elements =
                NetworkSelections.parse(key, pod.annotations().getOrDefault(key, ""), pod.namespace());
        for (NetworkSelectionElement element : elements) {
            requireAllowed(pod, element);
        }
        return elements;
    }

    private void requireAllowed(PodInfo pod, NetworkSelectionElement element) throws CniException {
        if (conf.namespaceIsolation()
                && !element.namespace().equals(pod.namespace())
                && !conf.globalNamespaces().contains(element.namespace())) {
            throw CniException.config(
                    element.path(),
                    "namespace isolation enabled, annotation violates permission, pod is in namespace "
                            + pod.namespace() + " but refers to target namespace " + element.namespace());
        }
    }

    /** The master, and what stands behind it in {@code delegates}. */
    private List<Named> defaultNetwork(Optional<NetworkSelectionElement> own) throws CniException {
        List<Named> networks = new ArrayList<>();
        for (NetworkConfigList delegate : conf.delegates()) {
            networks.add(new Named(delegate.name(), delegate, Optional.empty()));
        }
        if (own.isPresent()) {
            networks.subList(0, Math.min(1, networks.size())).clear();
            networks.add(0, selected(own.get()));
        } else if (conf.clusterNetwork().isPresent()) {
            networks.add(0, configured("clusterNetwork", conf.clusterNetwork().get()));
        }
        return networks;
    }

    private Named selected(NetworkSelectionElement element) throws CniException {
        NetworkConfigList list = ofNad(element.namespace(), element.name());
        if (element.cniArgs().isPresent()) {
            list = list.withCniArgs(element.cniArgs().get());
        }
        if (element.deviceId().isPresent()) {
            // Plugins look for it under one key or the other.
            String device = element.deviceId().get();
            list = list.withKey("deviceID", device).withKey("pciBusID", device);
        }
        return new Named(element.namespace() + "/" + element.name(), list, Optional.of(element));
    }

    /** A name, of a definition or else in {@code confDir}, or a path. */
    private Named configured(String key, String name) throws CniException {
        if (name.indexOf('/') >= 0) {
            NetworkConfigList list = ConfDir.load(name);
            return new Named(list.name(), list, Optional.empty());
        }
        if (KubernetesName.isSubdomain(name)) {
            try {
                NetworkConfigList list = ofNad(conf.multusNamespace(), name);
                return new Named(conf.multusNamespace() + "/" + name, list, Optional.empty());
            } catch (CniException e) {
                return inConfDir(name).orElseThrow(() -> e);
            }
        }
        return inConfDir(name)
                .orElseThrow(() -> new CniException(
                        CniErrorCode.TRY_AGAIN_LATER,
                        key + ": no configuration in " + conf.confDir() + " is named "
                                + PluginConf.typeOf(TextNode.valueOf(name))));
    }

    private Optional<Named> inConfDir(String name) throws CniException {
        return confDir.named(name).map(list -> new Named(list.name(), list, Optional.empty()));
    }

    private NetworkConfigList ofNad(String namespace, String name) throws CniException {
        String id = namespace + "/" + name;
        NetworkConfigList known = ofNads.get(id);
        if (known != null) {
            return known;
        }
        NetworkAttachmentDefinition nad =
                nads.nad(namespace, name).orElseThrow(() -> new NoNetworkFoundException(namespace, name));
        String path = "NAD " + id + ": spec.config";
        NetworkConfigList list;
        if (nad.config().isEmpty()) {
            list = confDir.named(name)
                    .orElseThrow(() -> CniException.config(
                            path, "empty, and no configuration in " + conf.confDir() + " has its name"));
        } else {
            list = NetworkConfigList.parse(path, JsonText.parseObject(path, nad.config()), Optional.of(name));
        }
        ofNads.put(id, list);
        return list;
    }

    private NetworkPlan plan(List<Named> all, String ifName) throws CniException {
        List<Network> networks = new ArrayList<>();
        for (Named named : all) {
            requireNoMeta(named);
            int number = networks.size();
            boolean isMaster = number == 0;
            Optional<NetworkSelectionElement> request = named.request();
            networks.add(new Network(
                    named.displayName(),
                    named.list(),
                    request.flatMap(NetworkSelectionElement::interfaceRequest)
                            .orElse(isMaster ? ifName : "net" + number),
                    capabilityArgs(request, isMaster),
                    request,
                    isMaster));
        }
        return NetworkPlan.of(networks);
    }

    /** It would read the pod's annotations again, and come here again, without end. */
    private void requireNoMeta(Named network) throws CniException {
        for (JsonNode plugin : network.list().raw().findParents("type")) {
            if (OwnEntry.isOwn(plugin.path("type").asText(), conf.type()) && MetaConf.isMeta((ObjectNode) plugin)) {
                throw CniException.config(
                        network.displayName(),
                        "'" + conf.type() + "' with delegates or clusterNetwork cannot be part of a network that it"
                                + " runs itself");
            }
        }
    }

    private ObjectNode capabilityArgs(Optional<NetworkSelectionElement> request, boolean isMaster) {
        ObjectNode args = conf.runtimeConfig().deepCopy();
        if (!isMaster) {
            request.ifPresent(element -> element.overrideIn(args));
        }
        return args;
    }
}

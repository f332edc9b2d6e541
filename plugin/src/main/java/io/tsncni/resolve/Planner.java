// SPDX-License-Identifier: Apache-2.0
package io.tsncni.resolve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.cni.CniErrorCode;
import io.tsncni.cni.CniException;
import io.tsncni.cni.CniRequest;
import io.tsncni.cni.NetworkConfigList;
import io.tsncni.cni.PluginConf;
import io.tsncni.cni.PodRef;
import io.tsncni.kube.Cluster;
import io.tsncni.kube.EventType;
import io.tsncni.kube.PodInfo;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** From a request to what is to be done, by the shape of its configuration. */
public final class Planner {
    private static final System.Logger LOG = System.getLogger(Planner.class.getName());

    private static final String DELEGATE = "delegate";

    /** The pod's interface in a runtime that says nothing else. */
    private static final String FIRST_INTERFACE = "eth0";

    private final Optional<Cluster> cluster;
    private final Optional<NamespacePolicies> policies;

    private final List<String> pluginDirs;

    /** @param pluginDirs that a {@code binDir} may name beside those of CNI_PATH */
    public Planner(Optional<Cluster> cluster, List<String> pluginDirs) {
        this.cluster = cluster;
        this.pluginDirs = pluginDirs;
        this.policies = cluster.map(NamespacePolicies::new);
    }

    public Plan plan(CniRequest request) throws CniException {
        ObjectNode conf = request.conf().raw();
        TsnConf own = TsnConf.parse(conf);
        if (MetaConf.isMeta(conf)) {
            return meta(request, own);
        }
        if (conf.hasNonNull(DELEGATE)) {
            return delegated(request, own);
        }
        if (request.conf().prevResult().isPresent()) {
            String ifName = own.interfaceName().orElse(request.key().ifName());
            // Another interface than every pod's: somebody asked for this network, and for what its list says.
            boolean explicit = own.hasKeys() && !request.key().ifName().equals(FIRST_INTERFACE);
            Optional<SaverPlan> saver =
                    explicit ? Optional.of(new SaverPlan(own, own, ifName, true)) : saver(request, own, ifName);
            return new Plan(List.of(), false, saver, Optional.empty());
        }
        SaverPlan saver = new SaverPlan(own, own, own.interfaceName().orElse(FIRST_INTERFACE), true);
        return new Plan(List.of(), false, Optional.of(saver), Optional.empty());
    }

    /** For what every pod gets: the namespace may have a default for it. */
    private Optional<SaverPlan> saver(CniRequest request, TsnConf own, String ifName) throws CniException {
        Optional<PodRef> pod = request.args().pod();
        Optional<TsnConf> inForce =
                policies.isPresent() && pod.isPresent() ? policies.get().forNewPod(own, pod.get()) : Optional.of(own);
        return inForce.map(tsn -> new SaverPlan(tsn, own, ifName, false));
    }

    private Plan delegated(CniRequest request, TsnConf own) throws CniException {
        OwnEntry entry = OwnEntry.takenFrom(delegate(request), type(request));
        TsnConf tsn = entry.conf().filter(inList -> !own.hasKeys()).orElse(own);
        SaverPlan saver =
                new SaverPlan(tsn, tsn, tsn.interfaceName().orElse(request.key().ifName()), true);
        return new Plan(
                List.of(entry.rest()), false, tsn.hasKeys() ? Optional.of(saver) : Optional.empty(), Optional.empty());
    }

    private Network delegate(CniRequest request) throws CniException {
        ObjectNode conf = request.conf().raw();
        if (!(conf.get(DELEGATE) instanceof ObjectNode json)) {
            throw CniException.config(
                    DELEGATE,
                    "expected a plugin's configuration or a list, got " + PluginConf.typeOf(conf.get(DELEGATE)));
        }
        if (json.path("cniVersion").asText().isEmpty() && !json.has("cniVersions")) {
            json.put("cniVersion", request.conf().version().toString());
        }
        NetworkConfigList list = NetworkConfigList.parse(
                DELEGATE, json, Optional.of(request.conf().network()));
        if (conf.path("args").path("cni") instanceof ObjectNode args) {
            list = list.withCniArgs(args);
        }
        ObjectNode capabilityArgs = conf.path("runtimeConfig") instanceof ObjectNode given ? given : conf.objectNode();
        return new Network(request.conf().network(), list, ifName(request), capabilityArgs, Optional.empty(), true);
    }

    private Plan meta(CniRequest request, TsnConf own) throws CniException {
        MetaConf meta = MetaConf.parse(request.conf().raw());
        allowedBinDir(request, meta);
        Optional<PodInfo> pod = Optional.empty();
        if (cluster.isPresent() && request.args().pod().isPresent()) {
            PodRef ref = request.args().pod().get();
            pod = Optional.of(cluster.get().pod(ref.namespace(), ref.name(), ref.uid()));
        }
        List<Network> networks = new ArrayList<>(networks(request, meta, pod));
        OwnEntry entry = OwnEntry.takenFrom(networks.get(0), type(request));
        networks.set(0, entry.rest());
        TsnConf tsn = entry.conf().filter(inList -> !own.hasKeys()).orElse(own);
        Optional<SaverPlan> saver = tsn.hasKeys() || pod.isPresent()
                ? saver(request, tsn, tsn.interfaceName().orElse(entry.rest().ifName()))
                : Optional.empty();
        boolean parallel = meta.parallel() && networks.stream().noneMatch(Network::buildsOnOthers);
        return new Plan(networks, parallel, saver, pod);
    }

    private List<Network> networks(CniRequest request, MetaConf meta, Optional<PodInfo> pod) throws CniException {
        try {
            return Networks.resolve(meta, ifName(request), pod, nads()).networks();
        } catch (NoNetworkFoundException e) {
            pod.ifPresent(of -> cluster.orElseThrow().event(of, EventType.WARNING, "NoNetworkFound", e.getMessage()));
            throw e;
        }
    }

    private NadSource nads() {
        return cluster.isPresent()
                ? cluster.get()::nad
                : (namespace, name) -> {
                    throw new CniException(
                            CniErrorCode.INVALID_NETWORK_CONFIG,
                            "network " + namespace + "/" + name + " is a network-attachment-definition, and this agent"
                                    + " runs without Kubernetes");
                };
    }

    /** Those that every pod gets, for the commands that are of no pod. */
    public List<Network> networksWithoutPod(CniRequest request) throws CniException {
        return networksWithoutPod(request, cluster.isPresent());
    }

    /** @param ofPods whether to count what pods get, and containers of others do not */
    private List<Network> networksWithoutPod(CniRequest request, boolean ofPods) throws CniException {
        ObjectNode conf = request.conf().raw();
        List<Network> networks = List.of();
        if (MetaConf.isMeta(conf)) {
            MetaConf meta = MetaConf.parse(conf);
            networks = ofPods
                    ? Networks.ofEveryPod(meta, ifName(request), nads()).networks()
                    : networks(request, meta, Optional.empty());
        } else if (conf.hasNonNull(DELEGATE)) {
            networks = List.of(delegate(request));
        }
        return networks.isEmpty() ? networks : withoutOwnEntry(request, networks);
    }

    /** Our entry in the first one's list is a saver of this attachment; in another's it is an attachment of its own. */
    private static List<Network> withoutOwnEntry(CniRequest request, List<Network> networks) throws CniException {
        List<Network> others = new ArrayList<>(networks);
        others.set(0, OwnEntry.takenFrom(networks.get(0), type(request)).rest());
        return others;
    }

    /** As well as can be told without a record and without waiting; a DEL must not fail for what is wrong here. */
    public List<Network> networksToDelete(CniRequest request) {
        try {
            Optional<PodRef> ref = request.args().pod();
            Optional<PodInfo> pod = cluster.isPresent() && ref.isPresent()
                    ? cluster.get().knownPod(ref.get().namespace(), ref.get().name())
                    : Optional.empty();
            if (MetaConf.isMeta(request.conf().raw()) && pod.isPresent()) {
                return withoutOwnEntry(
                        request, networks(request, MetaConf.parse(request.conf().raw()), pod));
            }
        } catch (CniException e) {
            LOG.log(Level.WARNING, "DEL of {0} without its pod''s networks: {1}", request.key(), e.getMessage());
        }
        try {
            return networksWithoutPod(request, false);
        } catch (CniException e) {
            LOG.log(Level.WARNING, "DEL of {0} without a network: {1}", request.key(), e.getMessage());
            return List.of();
        }
    }

    /** Whether a pod may be without a saver and nothing be wrong. */
    public boolean mayLeavePodsAlone(CniRequest request) {
        ObjectNode conf = request.conf().raw();
        return cluster.isPresent()
                && request.conf().prevResult().isPresent()
                && !MetaConf.isMeta(conf)
                && !conf.hasNonNull(DELEGATE);
    }

    /** Where plugins are looked for. */
    public List<String> directories(CniRequest request) {
        List<String> directories = new ArrayList<>(request.path());
        if (MetaConf.isMeta(request.conf().raw())) {
            try {
                directories.add(
                        0, allowedBinDir(request, MetaConf.parse(request.conf().raw())));
            } catch (CniException e) {
                LOG.log(Level.WARNING, "no binDir: {0}", e.getMessage());
            }
        }
        return directories;
    }

    /** Under Multus a configuration of ours may be a tenant's NAD, and what lies there is run by root. */
    private String allowedBinDir(CniRequest request, MetaConf meta) throws CniException {
        String binDir = meta.binDir();
        if (!binDir.equals(MetaConf.BIN_DIR) && !request.path().contains(binDir) && !pluginDirs.contains(binDir)) {
            throw CniException.config(
                    "binDir",
                    "'" + binDir
                            + "' is neither in CNI_PATH nor among the pluginDirs of /etc/tsn/tsnd.json; list it there");
        }
        return binDir;
    }

    private static String ifName(CniRequest request) {
        return request.attachment().map(key -> key.ifName()).orElse(FIRST_INTERFACE);
    }

    private static String type(CniRequest request) {
        JsonNode type = request.conf().raw().path("type");
        return type.asText();
    }
}

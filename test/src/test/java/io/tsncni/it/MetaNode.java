// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.testbed.ApiServer;
import io.tsncni.testbed.Artifacts;
import io.tsncni.testbed.Attachment;
import io.tsncni.testbed.CniRuntime;
import io.tsncni.testbed.Node;
import io.tsncni.testbed.Pod;
import io.tsncni.testbed.PodNetns;
import io.tsncni.testbed.Qdisc;
import io.tsncni.testbed.Shell;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/** A node of a cluster: an API server, an agent that follows it, and a plugin that is a witness. */
final class MetaNode implements AutoCloseable {
    static final String NAMESPACE = "plant";
    static final String NETWORKS = "k8s.v1.cni.cncf.io/networks";
    static final String STATUS = "k8s.v1.cni.cncf.io/network-status";

    private final ApiServer api;
    private final Witness witness = new Witness();
    private final Node node = new Node(Artifacts.fromSystemProperties(), Qdisc.HTB);
    private final Path confDir;

    private MetaNode(ApiServer api) {
        this.api = api;
        try {
            confDir = Files.createTempDirectory("confdir");
            Files.writeString(node.agent().config(), "{\"pluginDirs\": [\"" + witness.binDir() + "\"]}");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static MetaNode started() {
        MetaNode made = new MetaNode(ApiServer.started());
        try {
            made.node.agent().follow(made.api);
            made.node.agent().start();
            return made;
        } catch (RuntimeException e) {
            made.close();
            throw e;
        }
    }

    /** Without an API server. */
    static MetaNode alone() {
        MetaNode made = new MetaNode(ApiServer.started());
        try {
            made.node.agent().start();
            return made;
        } catch (RuntimeException e) {
            made.close();
            throw e;
        }
    }

    Node node() {
        return node;
    }

    ApiServer api() {
        return api;
    }

    Witness witness() {
        return witness;
    }

    Path confDir() {
        return confDir;
    }

    Path confFile(String name, JsonNode conf) {
        try {
            return Files.writeString(confDir.resolve(name), conf.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The pods' first network, as a delegate. */
    ObjectNode master(ObjectNode... chained) {
        ObjectNode master = node.conflist("1.0.0", chained);
        return master.put("name", "master");
    }

    /** A meta-plugin's entry with the keys that all tests need, and these delegates. */
    ObjectNode meta(ObjectNode... delegates) {
        ObjectNode meta = Nodes.JSON.createObjectNode().put("type", "tsn");
        meta.put("binDir", witness.binDir().toString()).put("confDir", confDir.toString());
        if (delegates.length > 0) {
            meta.putArray("delegates").addAll(Arrays.asList(delegates));
        }
        return meta;
    }

    CniRuntime runtime(ObjectNode meta) {
        return runtime(meta, "1.0.0");
    }

    CniRuntime runtime(ObjectNode meta, String cniVersion) {
        ObjectNode conflist =
                Nodes.JSON.createObjectNode().put("cniVersion", cniVersion).put("name", "cluster");
        conflist.putArray("plugins").add(meta);
        return node.runtime(conflist);
    }

    /** With bridge as the default network and nothing else. */
    CniRuntime runtime() {
        return runtime(meta(master()));
    }

    static String args(String namespace, String name, String uid) {
        return "IgnoreUnknown=1;K8S_POD_NAMESPACE=%s;K8S_POD_NAME=%s;K8S_POD_INFRA_CONTAINER_ID=infra;K8S_POD_UID=%s"
                .formatted(namespace, name, uid);
    }

    /** Makes the pod in the cluster, with this annotation, and says how a runtime speaks of it. */
    String inCluster(String name, String networks) {
        return inCluster(name, networks.isEmpty() ? Map.of() : Map.of(NETWORKS, networks));
    }

    String inCluster(String name, Map<String, String> annotations) {
        return inCluster(NAMESPACE, name, annotations);
    }

    String inCluster(String namespace, String name, Map<String, String> annotations) {
        return args(namespace, name, api.pod(namespace, name, annotations));
    }

    Pod addPod(CniRuntime runtime, String name, String networks) {
        return node.addPod(name, runtime, inCluster(name, networks));
    }

    Attachment attachment(PodNetns netns, String cniArgs) {
        return new Attachment(netns.name(), netns).args(cniArgs);
    }

    JsonNode status(String pod) {
        return Nodes.json(api.annotation(NAMESPACE, pod, STATUS).orElse("[]"));
    }

    /** {@code name interface} of each entry, which is all that most tests want to know of network-status. */
    List<String> statusOf(String pod) {
        return statusOf(NAMESPACE, pod);
    }

    List<String> statusOf(String namespace, String pod) {
        JsonNode status = Nodes.json(api.annotation(namespace, pod, STATUS).orElse("[]"));
        return StreamSupport.stream(status.spliterator(), false)
                .map(entry -> entry.path("name").asText() + " "
                        + entry.path("interface").asText())
                .toList();
    }

    /** Once the events have come: the agent sends them when it has time. */
    String events(String pod, int atLeast) {
        Eventually.assertTrue(
                Duration.ofSeconds(5),
                () -> api.events(NAMESPACE, pod).size() >= atLeast,
                "no " + atLeast + " events for " + pod);
        return api.events(NAMESPACE, pod).stream()
                .map(event -> event.type() + " " + event.reason() + " " + event.message())
                .collect(Collectors.joining("\n"));
    }

    static List<String> interfaces(PodNetns netns) {
        String links = netns.exec("ip", "-j", "link").stdout();
        return StreamSupport.stream(Nodes.json(links).spliterator(), false)
                .map(link -> link.path("ifname").asText())
                .filter(name -> !name.equals("lo"))
                .sorted()
                .toList();
    }

    @Override
    public void close() {
        try (api;
                witness;
                node) {
            Shell.run("rm", "-rf", confDir.toString());
        }
    }
}

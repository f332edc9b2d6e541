// SPDX-License-Identifier: Apache-2.0
package io.tsncni.testbed;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A Kubernetes node in small, in this process's network namespace: pods on a Linux bridge (the reference plugins bridge
 * and host-local), routing and masquerading to an egress NIC, and tsnd.
 */
public final class Node implements AutoCloseable {
    private static final List<Path> REFERENCE_PLUGINS = List.of(Path.of("/usr/lib/cni"), Path.of("/opt/cni/bin"));
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Artifacts artifacts;
    private final Path directory;
    private final EgressNic nic;
    private final Agent agent;
    private final String bridge = RandomName.of("br");
    private final String secondBridge = RandomName.of("br");
    /** Of the pods, 10.x.y.0/22: the second bridge has the one 0x4000 above. */
    private final int subnet = ThreadLocalRandom.current().nextInt(0x4000, 0x8000) & ~3;

    private final Queue<String> bridges = new ConcurrentLinkedQueue<>(List.of(bridge, secondBridge));
    private final Deque<Pod> pods = new ConcurrentLinkedDeque<>();

    public Node(Artifacts artifacts, Qdisc qdisc) {
        this.artifacts = artifacts;
        try {
            directory = Files.createTempDirectory("node");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Shell.run("sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1");
        Shell.run("sysctl", "-qw", "net.ipv6.conf.default.accept_dad=0");
        nic = new EgressNic(artifacts, qdisc);
        agent = new Agent(artifacts, directory);
        masquerade();
    }

    public Artifacts artifacts() {
        return artifacts;
    }

    public EgressNic nic() {
        return nic;
    }

    /** Not running until its {@code start()}. */
    public Agent agent() {
        return agent;
    }

    /** {@code {"type":"tsn","egress":<the NIC>}}, to be added to. */
    public ObjectNode tsnEntry() {
        return JSON.createObjectNode().put("type", "tsn").put("egress", nic.name());
    }

    public ObjectNode tsnEntry(JsonNode priorityMap) {
        return tsnEntry().set("priorityMap", priorityMap);
    }

    /** bridge, then these. */
    public ObjectNode conflist(String cniVersion, ObjectNode... chained) {
        ObjectNode conflist =
                JSON.createObjectNode().put("cniVersion", cniVersion).put("name", "pods");
        conflist.putArray("plugins").add(bridgeEntry()).addAll(Arrays.asList(chained));
        return conflist;
    }

    /** The bridge by itself, as a configuration. */
    public ObjectNode bridgeConf(String cniVersion) {
        ObjectNode conf = JSON.createObjectNode().put("cniVersion", cniVersion).put("name", "pods");
        return conf.setAll(bridgeEntry());
    }

    /** A second bridge, over which a pod that has an interface on it reaches the egress NIC. */
    public ObjectNode secondBridgeEntry() {
        ObjectNode entry = JSON.createObjectNode().put("type", "bridge").put("bridge", secondBridge);
        ObjectNode ipam = entry.put("isGateway", true).putObject("ipam").put("type", "host-local");
        ipam.put("dataDir", ipam().toString());
        int second = subnet + 0x4000;
        ipam.putArray("ranges").addArray().addObject().put("subnet", subnet4(second));
        ipam.putArray("routes").addObject().put("dst", nic.address() + "/32");
        return entry;
    }

    private static String subnet4(int subnet) {
        return "10.%d.%d.0/22".formatted(subnet >> 8, subnet & 0xff);
    }

    public CniRuntime runtime(ObjectNode conflist) {
        return new CniRuntime(conflist, cniPath(), agent.env());
    }

    /** The shim's directory first, then the reference plugins. */
    public List<Path> cniPath() {
        return Stream.concat(Stream.of(artifacts.dist().resolve("bin")), REFERENCE_PLUGINS.stream())
                .toList();
    }

    /** One directory of links to all plugins, ours among them, for runtimes that look in one only. */
    public Path pluginDirectory() {
        Path links = directory.resolve("plugins");
        try {
            Files.createDirectories(links);
            for (Path from : cniPath()) {
                link(from, links);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return links;
    }

    private static void link(Path from, Path links) throws IOException {
        if (!Files.isDirectory(from)) {
            return;
        }
        try (DirectoryStream<Path> plugins = Files.newDirectoryStream(from)) {
            for (Path plugin : plugins) {
                Path link = links.resolve(plugin.getFileName());
                if (!Files.exists(link)) {
                    Files.createSymbolicLink(link, plugin);
                }
            }
        }
    }

    private Path ipam() {
        return directory.resolve("ipam");
    }

    /** A pod on the bridge; {@code chained} are the plugins after it, none for a pod that knows nothing of us. */
    public Pod addPod(String name, ObjectNode... chained) {
        return addPod(name, runtime(conflist("1.0.0", chained)));
    }

    public Pod addPod(String name, CniRuntime runtime) {
        return addPod(name, runtime, "");
    }

    /** @param cniArgs CNI_ARGS, in which Kubernetes says which pod it is */
    public Pod addPod(String name, CniRuntime runtime, String cniArgs) {
        Pod pod = Pod.add(name, runtime, cniArgs, artifacts);
        pods.push(pod);
        return pod;
    }

    /** Runs a talker of the node itself, outside all pods. */
    public Sent talk(String... arguments) {
        return Sent.parse(Shell.of(artifacts.talker()).and(arguments).run());
    }

    /** Another network of the node's: a bridge of its own that leads nowhere. */
    public ObjectNode bridgeNetwork(String name) {
        String other = RandomName.of("br");
        bridges.add(other);
        int number = ThreadLocalRandom.current().nextInt(0x8000, 0xc000);
        // With an address of its own: a bridge that takes its ports' fails the plugin's CHECK as they come and go.
        Shell.of("ip", "link", "add", other)
                .and("address", "0a:00:00:00:%02x:%02x".formatted(number >> 8, number & 0xff), "type", "bridge")
                .run();
        ObjectNode conf = JSON.createObjectNode().put("cniVersion", "1.0.0").put("name", name);
        conf.put("type", "bridge").put("bridge", other);
        conf.putObject("ipam")
                .put("type", "host-local")
                .put("dataDir", ipam().toString())
                .put("subnet", "10.%d.%d.0/24".formatted(number >> 8, number & 0xff));
        return conf;
    }

    /** The addresses that host-local has given away, of all networks. */
    public Set<String> reservations() {
        if (!Files.exists(ipam())) {
            return Set.of();
        }
        try (Stream<Path> files = Files.walk(ipam())) {
            return files.filter(Files::isRegularFile)
                    .map(file -> file.getFileName().toString())
                    .filter(file -> !file.equals("lock") && !file.startsWith("last_reserved_ip"))
                    .collect(Collectors.toCollection(TreeSet::new));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The pods' first network. */
    public ObjectNode bridgeEntry() {
        ObjectNode entry = JSON.createObjectNode().put("type", "bridge").put("bridge", bridge);
        entry.put("isGateway", true).put("isDefaultGateway", true).put("hairpinMode", true);
        ObjectNode ipam = entry.putObject("ipam").put("type", "host-local");
        ipam.put("dataDir", ipam().toString());
        ArrayNode ranges = ipam.putArray("ranges");
        ranges.addArray().addObject().put("subnet", subnet4(subnet));
        ranges.addArray().addObject().put("subnet", "fd10:%x::/64".formatted(subnet));
        return entry;
    }

    /** By nft of our own: the bridge plugin's ipMasq wants iptables. */
    private void masquerade() {
        String rules =
                """
                table inet %s {
                    chain out {
                        type nat hook postrouting priority srcnat
                        oifname %s masquerade
                    }
                }
                """;
        Shell.of("nft", "-f", "-")
                .reading(rules.formatted(nic.name(), nic.name()))
                .run();
    }

    /** Pulls the plug: no DEL, which might find the agent killed and wait for it. */
    @Override
    public void close() {
        try (nic;
                agent) {
            pods.forEach(pod -> pod.netns().close());
            Shell.run("nft", "delete", "table", "inet", nic.name());
            bridges.forEach(one -> Shell.of("ip", "link", "del", one).attempt());
        } finally {
            Shell.run("rm", "-rf", directory.toString());
        }
    }
}

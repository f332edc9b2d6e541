// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.linux.libbpf.TcxHook;
import io.tsncni.linux.netlink.Link;
import io.tsncni.linux.netlink.RouteSocket;
import io.tsncni.testbed.Artifacts;
import io.tsncni.testbed.CniRuntime;
import io.tsncni.testbed.Node;
import io.tsncni.testbed.Pod;
import io.tsncni.testbed.Qdisc;
import io.tsncni.testbed.Shell;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A node that tsn-proxy was on ({@link TsnProxyStandIn}), and what there is to be seen of it. */
abstract class MigrateFixture {
    static final Duration MOMENT = Duration.ofSeconds(20);

    /** An element of a list has a line of its own, and a colon no blank before it. */
    private static final ObjectWriter AS_JQ = Nodes.JSON.writer(new DefaultPrettyPrinter(
                    Separators.createDefaultInstance().withObjectFieldValueSpacing(Separators.Spacing.AFTER))
            .withArrayIndenter(DefaultIndenter.SYSTEM_LINEFEED_INSTANCE));

    @TempDir
    Path host;

    Node node;
    TsnProxyStandIn tsnProxy;
    Path binDir;
    Path list;

    @BeforeEach
    void aNodeWithTsnProxy() throws IOException {
        node = new Node(Artifacts.fromSystemProperties(), Qdisc.HTB);
        Path confDir = Files.createDirectories(host.resolve("etc/cni/net.d"));
        binDir = Files.createDirectories(host.resolve("opt/cni/bin"));
        list = confDir.resolve("10-pods.conflist");
        node.agent().with("TSN_CNI_CONF_DIR", confDir.toString());
        node.agent().with("TSN_CNI_BIN_DIR", binDir.toString());
        node.agent().with("TSN_INSTALL", "true");
        settings("{'install': {'chain': true, 'entry': {'egress': '"
                + node.nic().name() + "', 'priorityMap': {'3': 5}}}}");
        tsnProxy = new TsnProxyStandIn(node, binDir);
        Files.createDirectories(node.agent().bpffs());
        assumeTrue(hasTcx(), "no tcx, which came with Linux 6.6: tsn-proxy does not work here");
    }

    @AfterEach
    void close() {
        node.close();
    }

    private boolean hasTcx() {
        String object = node.artifacts().bpf("foreign").toString();
        Path programs = node.agent().bpffs().resolve("probe");
        Shell.run("bpftool", "prog", "loadall", object, programs.toString());
        String program = programs.resolve("foreign_ok").toString();
        Shell tcx = Shell.of(node.artifacts().build().resolve("c/tcx"), "egress", "lo", "last", program);
        boolean has = tcx.and(programs.resolve("link").toString()).attempt().exit() == 0;
        Shell.run("rm", "-r", programs.toString());
        return has;
    }

    void settings(String json) throws IOException {
        Files.writeString(node.agent().config(), json.replace('\'', '"'));
    }

    /** Its entry between two plugins of others, as jq writes it. */
    void plant() throws IOException {
        tsnProxy.plant();
        Files.writeString(list, conflist(tsnProxy.entry()));
    }

    String conflist(ObjectNode... between) throws IOException {
        ObjectNode json = node.conflist("1.0.0", between);
        ((ArrayNode) json.path("plugins")).addObject().put("type", "tuning");
        return AS_JQ.writeValueAsString(json) + "\n";
    }

    ObjectNode ourEntry() {
        ObjectNode entry = node.tsnEntry(Nodes.JSON.createObjectNode().put("3", 5));
        return entry.put("installedBy", "tsnd");
    }

    Shell migrate(String... more) {
        return node.agent()
                .tsnd("migrate", "tsn-proxy")
                .and("--pod-logs", host.resolve("pods").toString())
                .and(more);
    }

    /** All that is on disk, all pins, all programs on all devices. */
    SortedMap<String, Object> everything() throws IOException {
        SortedMap<String, Object> all = new TreeMap<>();
        for (Path root : List.of(host, node.agent().bpffs())) {
            try (Stream<Path> tree = Files.walk(root)) {
                for (Path path : tree.toList()) {
                    boolean read = Files.isRegularFile(path) && path.startsWith(host);
                    all.put(
                            path.toString(),
                            List.of(
                                    Files.getAttribute(path, "unix:mode"),
                                    Files.getAttribute(path, "unix:ino"),
                                    read ? Files.readString(path, StandardCharsets.ISO_8859_1) : ""));
                }
            }
        }
        for (Link link : RouteSocket.links()) {
            for (TcxHook hook : TcxHook.values()) {
                all.put(link.name() + " " + hook, hook.programs(link.index()));
            }
        }
        return all;
    }

    HttpResponse<String> readyz() {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://" + node.agent().listen() + "/readyz"))
                .build();
        try {
            return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** By the plugins that are installed, after what the runtime's directory says now. */
    Pod newPod(String name) throws IOException {
        List<Path> plugins = Stream.concat(
                        Stream.of(binDir), node.cniPath().stream().skip(1))
                .toList();
        ObjectNode network = (ObjectNode) Nodes.json(Files.readString(list));
        return node.addPod(name, new CniRuntime(network, plugins, node.agent().env()));
    }

    long seen(Pod pod, int port, int priority) {
        Nodes.udp(pod, node.nic().address(), Nodes.port(port), 3, 20);
        Eventually.assertTrue(MOMENT, () -> node.nic().seen(Nodes.port(port)).total() >= 20, "fewer arrived");
        return node.nic().seen(Nodes.port(port)).at(priority);
    }

    static void assertSays(String text, String what) {
        assertTrue(text.contains(what), "does not say '" + what + "': " + text);
    }

    /** @param text of a status, a log, a dry run: what the stand-in has */
    void assertNamesAll(String text) {
        Path bpffs = node.agent().bpffs();
        assertSays(text, list + ": its entry, NIC " + node.nic().name());
        assertSays(text, binDir.resolve("tsn") + ": its script");
        assertSays(text, binDir.resolve("tsn-metadata-proxy") + ": what its script runs");
        assertSays(text, node.nic().name() + ", tcx egress: program " + tsnProxy.program("restorer"));
        for (String pin : List.of(
                "tracking", "garbage_collector", "restorer", "saver", "timer_map", "tsn_map", "worker-1/tsn_map")) {
            assertSays(text, bpffs.resolve(pin) + ": its pin");
        }
    }

    void assertNothingIsLeft() throws IOException {
        assertFalse(Files.exists(binDir.resolve("tsn-metadata-proxy")));
        try (Stream<Path> pins = Files.list(node.agent().bpffs())) {
            assertEquals(
                    List.of(),
                    pins.map(pin -> pin.getFileName().toString())
                            .filter(name -> !name.equals("tsn"))
                            .toList());
        }
        JsonNode programs = Nodes.json(Shell.run("bpftool", "-j", "net", "show").stdout());
        assertFalse(programs.toString().contains("restore_metadat"), programs.toString());
        for (Link link : RouteSocket.links()) {
            for (TcxHook hook : TcxHook.values()) {
                for (int id : hook.programs(link.index())) {
                    String shown = Shell.run("bpftool", "prog", "show", "id", Integer.toString(id))
                            .stdout();
                    assertFalse(shown.contains("restore_metadat"), link + " " + hook + ": " + shown);
                }
            }
        }
    }
}

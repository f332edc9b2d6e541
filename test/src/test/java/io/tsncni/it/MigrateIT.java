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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code tsnd migrate tsn-proxy}, with {@link TsnProxyStandIn} in the place of the real one. */
@RequiresRoot
class MigrateIT {
    private static final Duration MOMENT = Duration.ofSeconds(20);

    /** An element of a list has a line of its own, and a colon no blank before it. */
    private static final ObjectWriter AS_JQ = Nodes.JSON.writer(new DefaultPrettyPrinter(
                    Separators.createDefaultInstance().withObjectFieldValueSpacing(Separators.Spacing.AFTER))
            .withArrayIndenter(DefaultIndenter.SYSTEM_LINEFEED_INSTANCE));

    @TempDir
    Path host;

    private Node node;
    private TsnProxyStandIn tsnProxy;
    private Path binDir;
    private Path list;

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

    private void settings(String json) throws IOException {
        Files.writeString(node.agent().config(), json.replace('\'', '"'));
    }

    /** Its entry between two plugins of others, as jq writes it. */
    private void plant() throws IOException {
        tsnProxy.plant();
        Files.writeString(list, conflist(tsnProxy.entry()));
    }

    private String conflist(ObjectNode... between) throws IOException {
        ObjectNode json = node.conflist("1.0.0", between);
        ((ArrayNode) json.path("plugins")).addObject().put("type", "tuning");
        return AS_JQ.writeValueAsString(json) + "\n";
    }

    private ObjectNode ourEntry() {
        ObjectNode entry = node.tsnEntry(Nodes.JSON.createObjectNode().put("3", 5));
        return entry.put("installedBy", "tsnd");
    }

    private Shell migrate(String... more) {
        return node.agent()
                .tsnd("migrate", "tsn-proxy")
                .and("--pod-logs", host.resolve("pods").toString())
                .and(more);
    }

    /** All that is on disk, all pins, all programs on all devices. */
    private SortedMap<String, Object> everything() throws IOException {
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

    private HttpResponse<String> readyz() {
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
    private Pod newPod(String name) throws IOException {
        List<Path> plugins = Stream.concat(
                        Stream.of(binDir), node.cniPath().stream().skip(1))
                .toList();
        ObjectNode network = (ObjectNode) Nodes.json(Files.readString(list));
        return node.addPod(name, new CniRuntime(network, plugins, node.agent().env()));
    }

    private long seen(Pod pod, int port, int priority) {
        Nodes.udp(pod, node.nic().address(), Nodes.port(port), 3, 20);
        Eventually.assertTrue(MOMENT, () -> node.nic().seen(Nodes.port(port)).total() >= 20, "fewer arrived");
        return node.nic().seen(Nodes.port(port)).at(priority);
    }

    private static void assertSays(String text, String what) {
        assertTrue(text.contains(what), "does not say '" + what + "': " + text);
    }

    /** @param text of a status, a log, a dry run: what the stand-in has */
    private void assertNamesAll(String text) {
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

    @Test
    void aDryRunSaysWhatIsThereAndChangesNothing() throws IOException {
        plant();
        SortedMap<String, Object> before = everything();
        Shell.Result shown = migrate().attempt();
        assertEquals(3, shown.exit(), shown.toString());
        assertNamesAll(shown.stdout());
        assertSays(shown.stdout(), "must not both be on a node");
        assertSays(shown.stdout(), "nothing was changed");
        assertEquals(before, everything());
    }

    @Test
    @Tag("kernel")
    void anAgentSaysWhatIsThereAndTheCommandReplacesIt() throws IOException {
        plant();
        Pod old = node.addPod("old");
        tsnProxy.attachSaver(old);
        old.warmUp(node.nic(), node.nic().address());
        assertEquals(20, seen(old, 1, 2), "the stand-in is not at work");
        SortedMap<String, Object> before = everything();

        node.agent().start();
        // Read by a thread of its own.
        Eventually.assertTrue(MOMENT, () -> node.agent().stderr().contains("--replace"), "the agent says nothing");
        assertNamesAll(node.agent().stderr());
        assertSays(node.agent().stderr(), "tsnd migrate tsn-proxy --replace");
        assertEquals(503, readyz().statusCode());
        assertSays(readyz().body(), "tsn-proxy is on this node, too");
        assertSays(readyz().body(), binDir.resolve("tsn") + " is tsn-proxy's script");
        assertNamesAll(node.agent().tsnctl("status").run().stdout());
        SortedMap<String, Object> after = everything();
        after.keySet()
                .removeIf(path ->
                        path.startsWith(node.agent().bpffs().resolve("tsn") + "/") || !before.containsKey(path));
        after.put(
                node.agent().bpffs().toString(), before.get(node.agent().bpffs().toString()));
        assertEquals(before, after, "the agent by itself changes nothing of it");

        List<Integer> programs = Stream.of("restorer", "garbage_collector")
                .map(tsnProxy::program)
                .toList();
        Shell.Result replaced = migrate("--replace").attempt();
        assertEquals(0, replaced.exit(), replaced.toString());
        assertEquals(conflist(ourEntry()), Files.readString(list), "not where its entry was, or not that alone");
        assertEquals(
                Files.readString(node.artifacts().shim(), StandardCharsets.ISO_8859_1),
                Files.readString(binDir.resolve("tsn"), StandardCharsets.ISO_8859_1));
        assertNothingIsLeft();
        Leftovers.assertFreed(programs);

        Pod pod = newPod("new");
        pod.warmUp(node.nic(), node.nic().address());
        assertEquals(20, seen(pod, 2, 5), "not by our policy");
        assertEquals(20, seen(old, 3, 0), "an old pod goes on, in the class of who asks for none");
        Eventually.assertTrue(MOMENT, () -> readyz().statusCode() == 200, "not ready: " + readyz());
        assertFalse(node.agent().status().has("tsnProxy"));

        SortedMap<String, Object> done = everything();
        Shell.Result again = migrate("--replace").attempt();
        assertEquals("nothing of tsn-proxy is here\n", again.stdout());
        assertEquals(0, again.exit());
        assertEquals(done, everything());
    }

    private void assertNothingIsLeft() throws IOException {
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

    /** Of an interrupted run, or of an operator who has begun by hand. */
    @Test
    @Tag("kernel")
    void whateverIsLeftOfItGoes() throws IOException {
        plant();
        // Its programs run without their pins, too, and on the host side of pods if it was told no NIC.
        node.addPod("old");
        Link hostSide = RouteSocket.links().stream()
                .filter(link -> link.peerElsewhere() && link.name().startsWith("veth"))
                .findFirst()
                .orElseThrow();
        tsnProxy.attach("ingress", hostSide.name());
        for (String pin : List.of("restorer", "saver", "tsn_map")) {
            Files.delete(node.agent().bpffs().resolve(pin));
        }
        Files.delete(binDir.resolve("tsn"));
        Files.delete(binDir.resolve("tsn-metadata-proxy/jq"));
        Files.writeString(list, conflist());
        Shell.Result shown = migrate().attempt();
        assertEquals(3, shown.exit(), shown.toString());
        assertSays(shown.stdout(), hostSide.name() + ", tcx ingress: program ");
        Shell.Result replaced = migrate("--replace").attempt();
        assertEquals(0, replaced.exit(), replaced.toString());
        assertNothingIsLeft();
    }

    /** A name alone proves nothing. */
    @Test
    void whatOthersHaveUnderTheSameNamesStays() throws IOException {
        plant();
        Path bpffs = node.agent().bpffs();
        try (Foreign foreign = new Foreign(node)) {
            foreign.tcx(node.nic().name(), "egress", "first");
            Path theirs = bpffs.resolve("theirs");
            String object = node.artifacts().bpf("foreign").toString();
            Shell.run("bpftool", "prog", "loadall", object, theirs.toString());
            Files.delete(bpffs.resolve("saver"));
            Files.move(theirs.resolve("foreign_ok"), bpffs.resolve("saver"));
            Files.move(theirs.resolve("foreign_pass"), bpffs.resolve(TsnProxyStandIn.NODE_NAME + "/other"));
            Files.delete(theirs);
            Files.writeString(binDir.resolve("tsn-metadata-proxy/notes"), "of an operator's");
            int onNic = TcxHook.EGRESS.programs(index(node.nic().name())).size();

            Shell.Result replaced = migrate("--replace").attempt();
            assertEquals(3, replaced.exit(), replaced.toString());
            assertSays(replaced.stdout(), "tsn-metadata-proxy: stays, there is more in it");
            assertEquals(
                    onNic - 1, TcxHook.EGRESS.programs(index(node.nic().name())).size());
            assertTrue(Files.exists(bpffs.resolve("saver")));
            assertTrue(Files.exists(bpffs.resolve(TsnProxyStandIn.NODE_NAME + "/other")));
            assertFalse(Files.exists(bpffs.resolve(TsnProxyStandIn.NODE_NAME + "/tsn_map")));
            assertTrue(Files.exists(binDir.resolve("tsn-metadata-proxy/notes")));
        }
    }

    private static int index(String device) throws IOException {
        return RouteSocket.links().stream()
                .filter(link -> link.name().equals(device))
                .findFirst()
                .orElseThrow()
                .index();
    }

    @Test
    void whatAnOperatorHasToDoFirstIsSaidAndNothingIsChanged() throws IOException {
        plant();
        Path pod = host.resolve("pods/default_cni-demo-x7k2p_0c0ffee");
        Files.createDirectories(pod.resolve("tsn-proxy-cni-install"));
        assertRefuses("a pod of tsn-proxy's DaemonSet is on this node, or was a minute ago (" + pod + ")");
        Shell.run("rm", "-r", pod.toString());

        settings("{'install': {'chain': true, 'entry': {'egress': 'other0'}}}");
        assertRefuses("the NIC " + node.nic().name() + ", and the settings have other0");
        assertRefuses("keep one of the two", "--no-entry");

        settings("{}");
        String entry = "{\"install\":{\"chain\":true,\"entry\":{\"egress\":\""
                + node.nic().name() + "\",\"unmapped\":\"keep\"}}}";
        assertRefuses(entry);
        Shell.Result replaced = migrate("--replace", "--no-entry").attempt();
        assertEquals(0, replaced.exit(), replaced.toString());
        assertEquals(conflist(), Files.readString(list));
        assertNothingIsLeft();
    }

    private void assertRefuses(String why, String... more) throws IOException {
        SortedMap<String, Object> before = everything();
        Shell.Result refused = migrate("--replace").and(more).attempt();
        assertEquals(1, refused.exit(), refused.toString());
        assertSays(refused.stderr(), why);
        Shell.Result shown = migrate(more).attempt();
        assertEquals(3, shown.exit(), shown.toString());
        assertSays(shown.stdout(), why);
        assertEquals(before, everything());
    }

    /** As kubectl get configmap -o yaml prints it; what comes out is what the chart takes. */
    @Test
    void itsConfigMapBecomesValuesOfTheChart() {
        String configMap =
                """
                apiVersion: v1
                data:
                  TSN_IFNAME: eth0
                  TSN_INGRESS_OR_EGRESS: egress
                kind: ConfigMap
                metadata:
                  creationTimestamp: "2026-11-01T10:00:00Z"
                  name: tsn-config
                  namespace: default
                """;
        Shell.Result values =
                migrate("--from-configmap", "-").reading(configMap).run();
        String rendered = Chart.rendered(values.stdout());
        JsonNode data = Chart.object(rendered, "ConfigMap").path("data");
        JsonNode settings = Nodes.json(data.path("tsnd.json").asText());
        assertEquals(
                "{\"chain\":true,\"entry\":{\"egress\":\"eth0\",\"unmapped\":\"keep\"}}",
                settings.path("install").toString());
    }
}

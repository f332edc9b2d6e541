// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.testbed.Artifacts;
import io.tsncni.testbed.CniRuntime;
import io.tsncni.testbed.Node;
import io.tsncni.testbed.Pod;
import io.tsncni.testbed.Qdisc;
import io.tsncni.testbed.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code tsnd install}, {@code tsnd uninstall} and {@code tsnd --install} on a node whose primary plugin is bridge. */
@RequiresRoot
class InstallIT {
    private static final Duration MOMENT = Duration.ofSeconds(10);

    @TempDir
    Path host;

    private Node node;
    private Path confDir;
    private Path shim;

    @BeforeEach
    void aNodeWithoutUs() throws IOException {
        node = new Node(Artifacts.fromSystemProperties(), Qdisc.HTB);
        confDir = Files.createDirectories(host.resolve("etc/cni/net.d"));
        shim = host.resolve("opt/cni/bin/tsn");
        Files.createDirectories(shim.getParent());
        Files.writeString(shim.resolveSibling("other"), "another plugin");
        Files.writeString(confDir.resolve("99-other.conf"), "{\"name\": \"other\", \"type\": \"other\"}");
        node.agent().with("TSN_CNI_CONF_DIR", confDir.toString());
        node.agent().with("TSN_CNI_BIN_DIR", shim.getParent().toString());
        settings("{'install': {'chain': true, 'entry': {'egress': '"
                + node.nic().name() + "', 'priorityMap': {'3': 5}}}}");
    }

    @AfterEach
    void close() {
        node.close();
    }

    private void settings(String json) throws IOException {
        Files.writeString(node.agent().config(), json.replace('\'', '"'));
    }

    /** Every path with its mode, whose it is, and what is in it. */
    private SortedMap<String, List<Object>> tree() throws IOException {
        SortedMap<String, List<Object>> tree = new TreeMap<>();
        try (Stream<Path> all = Files.walk(host)) {
            for (Path path : all.toList()) {
                Object content = Files.isDirectory(path) ? "" : content(path);
                Object mode = PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
                tree.put(path.toString(), List.of(mode, Files.getAttribute(path, "unix:uid"), content));
            }
        }
        return tree;
    }

    /** Of configurations all, of programs the hash. */
    private String content(Path file) throws IOException {
        if (file.startsWith(confDir)) {
            return Files.readString(file);
        }
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(sha256.digest(Files.readAllBytes(file)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private Path primary(String name, ObjectNode json) throws IOException {
        return Files.writeString(confDir.resolve(name), json.toPrettyString() + "\n");
    }

    private ObjectNode network(String file) throws IOException {
        return (ObjectNode) Nodes.JSON.readTree(Files.readString(confDir.resolve(file)));
    }

    /** By the plugins that are installed, ours among them or not. */
    private Pod podOn(String name, ObjectNode network) {
        List<Path> plugins = Stream.concat(
                        Stream.of(shim.getParent()), node.cniPath().stream().skip(1))
                .toList();
        return node.addPod(name, new CniRuntime(network, plugins, node.agent().env()));
    }

    private JsonNode attachments() {
        return node.agent().status().path("attachments");
    }

    @ParameterizedTest
    @CsvSource({"10-pods.conflist,10-pods.conflist", "10-pods.conf,10-pods-tsn.conflist"})
    void podsGetUsBetweenInstallAndUninstallAndNothingStays(String name, String list) throws IOException {
        Path file = primary(name, name.endsWith("list") ? node.conflist("1.0.0") : node.bridgeConf("1.0.0"));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        SortedMap<String, List<Object>> before = tree();

        Shell.Result first = node.agent().tsnd("install").run();
        assertEquals(
                "shim: installed\nthe entry is in " + confDir.resolve(list) + ", new or changed\n", first.stdout());
        assertArrayEquals(
                Files.readAllBytes(node.artifacts().shim()),
                Files.readAllBytes(shim),
                "the shim is not the one we built");
        SortedMap<String, List<Object>> installed = tree();
        Shell.Result second = node.agent().tsnd("install").run();
        assertEquals("shim: there already\nthe entry is in " + confDir.resolve(list) + "\n", second.stdout());
        assertEquals(installed, tree());
        assertEquals("rw-r-----", tree().get(confDir.resolve(list).toString()).get(0));

        node.agent().start();
        podOn("with", network(list));
        assertEquals(node.nic().name(), attachments().at("/0/egress/0").asText());
        assertEquals(5, attachments().at("/0/policy/priorityMap/3").asInt());
        Shell.Result refusal = node.agent().tsnd("uninstall").attempt();
        assertEquals(1, refusal.exit());
        assertTrue(refusal.stderr().contains("another agent works with --state-dir"), refusal.stderr());
        assertEquals(installed, tree());

        node.agent().stop();
        Shell.Result gone = node.agent().tsnd("uninstall").run();
        assertTrue(
                gone.stdout()
                        .startsWith("entry: removed from " + confDir.resolve(list) + "\nshim: removed\nprograms: "),
                gone.stdout());
        assertEquals(before, tree());
        assertEquals(
                "shim: none there\nprograms: none there\n",
                node.agent().tsnd("uninstall").run().stdout());
        ObjectNode restored = name.equals(list) ? network(name) : node.conflist("1.0.0");
        podOn("without", restored);
    }

    @Test
    void anAgentKeepsTheEntryThereAndTakesItAwayWithIt() throws IOException {
        Path file = primary("10-pods.conflist", node.conflist("1.0.0"));
        SortedMap<String, List<Object>> before = tree();
        node.agent().with("TSN_INSTALL", "true");
        node.agent().with("TSN_UNINSTALL_ON_EXIT", "true");
        node.agent().start();
        assertTrue(Files.readString(file).contains("\"tsn\""), "ready, and no entry");
        assertTrue(Files.isExecutable(shim));

        primary("10-pods.conflist", node.conflist("0.4.0"));
        Eventually.assertTrue(MOMENT, () -> hasEntry(file), "the entry is not back");
        assertEquals("0.4.0", network("10-pods.conflist").path("cniVersion").asText());
        podOn("pod", network("10-pods.conflist"));
        assertEquals(1, attachments().size());
        primary("10-pods.conflist", node.conflist("1.0.0"));
        Eventually.assertTrue(MOMENT, () -> hasEntry(file), "the entry is not back");

        List<Integer> programs = Leftovers.programIds(node);
        assertEquals(2, programs.size());
        assertEquals(0, node.agent().stop().exit(), node.agent().stderr());
        assertEquals(before, tree());
        Leftovers.assertFreed(programs);
        assertFalse(Files.exists(node.agent().bpffs().resolve("tsn")));
        assertFalse(Files.exists(node.agent().stateDir()));
    }

    private static boolean hasEntry(Path file) {
        try {
            return Files.readString(file).contains("\"tsn\"");
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void withoutBeingAskedNoConfigurationIsTouched() throws IOException {
        primary("10-pods.conf", node.bridgeConf("1.0.0"));
        SortedMap<String, List<Object>> before = tree();
        settings("{}");
        assertEquals(
                "shim: installed\nno entry wanted\n",
                node.agent().tsnd("install").run().stdout());
        SortedMap<String, List<Object>> installed = tree();
        installed.remove(shim.toString());
        assertEquals(before, installed);
        assertEquals(
                "shim: removed\nprograms: none there\n",
                node.agent().tsnd("uninstall").run().stdout());
        assertEquals(before, tree());
    }

    @Test
    void aNodeWithoutANetworkHasNoPlaceForTheEntryYet() throws IOException {
        Files.delete(confDir.resolve("99-other.conf"));
        Shell.Result result = node.agent().tsnd("install").attempt();
        assertEquals(3, result.exit());
        assertTrue(result.stdout().contains("no entry: no network configuration in " + confDir), result.stdout());
        assertTrue(Files.exists(shim));
    }

    @Test
    void anotherProgramNamedTsnIsNeitherReplacedNorRemoved() throws IOException {
        primary("10-pods.conflist", node.conflist("1.0.0"));
        Files.writeString(shim, "#!/bin/sh\n");
        SortedMap<String, List<Object>> before = tree();
        Shell.Result refusal = node.agent().tsnd("install").attempt();
        assertEquals(1, refusal.exit());
        assertTrue(refusal.stderr().contains(shim + " is not a shim of tsn-cni"), refusal.stderr());
        node.agent().with("TSN_INSTALL", "true");
        // Pods that run need it all the same.
        node.agent().start();
        assertTrue(
                node.agent().stderr().contains(shim + " is not a shim of tsn-cni"),
                node.agent().stderr());
        node.agent().stop();
        assertEquals(0, node.agent().tsnd("uninstall").run().exit());
        assertEquals(before, tree());
    }

    /** As README's manual installation makes it; and an entry of the operator's own would need it. */
    @Test
    void aLinkToTheShimIsOursAndStaysWhileItIsNeeded() throws IOException {
        ObjectNode own = node.conflist("1.0.0", node.tsnEntry());
        Path file = primary("10-pods.conflist", own);
        Files.createSymbolicLink(shim, node.artifacts().shim());
        Shell.Result install = node.agent().tsnd("install").attempt();
        assertEquals(3, install.exit());
        assertTrue(install.stdout().contains(file + " has a plugin of type tsn of its own"), install.stdout());
        assertTrue(Files.isSymbolicLink(shim));
        Shell.Result needed = node.agent().tsnd("uninstall").attempt();
        assertEquals(3, needed.exit());
        assertTrue(needed.stdout().contains("shim: stays, because " + file), needed.stdout());
        assertTrue(Files.isSymbolicLink(shim));
        assertEquals(own, network("10-pods.conflist"));
        Files.delete(file);
        assertEquals(
                "shim: removed\nprograms: none there\n",
                node.agent().tsnd("uninstall").run().stdout());
        assertTrue(Files.exists(node.artifacts().shim()));
    }
}

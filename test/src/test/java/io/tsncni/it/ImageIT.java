// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tsncni.testbed.AgentImage;
import io.tsncni.testbed.Artifacts;
import io.tsncni.testbed.Background;
import io.tsncni.testbed.Node;
import io.tsncni.testbed.Pod;
import io.tsncni.testbed.Qdisc;
import io.tsncni.testbed.Shell;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The image, which test/image/build has built twice. */
@RequiresRoot
@Tag("image")
class ImageIT {
    private static final Artifacts BUILT = Artifacts.fromSystemProperties();
    private static final OciLayout FIRST = new OciLayout(BUILT.build().resolve("image/first"));
    private static final OciLayout SECOND = new OciLayout(BUILT.build().resolve("image/second"));
    private static final String HOME = "/opt/tsn";
    private static final byte[] ELF = {0x7f, 'E', 'L', 'F'};

    @TempDir
    private static Path root;

    @BeforeAll
    static void unpack() {
        FIRST.unpack(root);
    }

    @Test
    void twoBuildsGiveTheSameImage() {
        assertEquals(FIRST.config().at("/rootfs"), SECOND.config().at("/rootfs"), "what is in the layers");
        assertEquals(FIRST.digest(), SECOND.digest());
    }

    @Test
    void whatCanBeRunIsOursOrJavasAndNoScript() {
        Set<String> programs = find(path -> Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS), 0111);
        for (String program : programs) {
            assertArrayEquals(ELF, magic(program), program);
        }
        programs.removeIf(program -> program.matches(".*/(lib|ld-)[^/]*\\.so(\\.[0-9]+)?"));
        assertEquals(
                Set.of(
                        HOME + "/bin/tsn",
                        HOME + "/bin/tsnd",
                        HOME + "/bin/tsnctl",
                        HOME + "/shim/amd64/tsn",
                        HOME + "/shim/arm64/tsn",
                        HOME + "/runtime/bin/java"),
                programs);
    }

    @Test
    void nobodyButRootMayWriteAndNothingGivesRights() {
        Predicate<Path> noLink = path -> !Files.isSymbolicLink(path);
        assertEquals(Set.of(), find(noLink, 07022));
        assertEquals(
                Set.of(),
                find(
                        path -> !attribute(path, "uid").equals(0)
                                || !attribute(path, "gid").equals(0),
                        0777));
    }

    @Test
    void theLabelsSayWhatItIs() {
        JsonNode config = FIRST.config().path("config");
        JsonNode labels = config.path("Labels");
        assertEquals("tsn-cni", label(labels, "title"));
        assertEquals("Apache-2.0 AND GPL-2.0-only", label(labels, "licenses"));
        assertTrue(label(labels, "description").contains("TSN"), labels.toString());
        assertEquals(version(), "tsn-cni " + label(labels, "version"));
        assertTrue(label(labels, "revision").matches("([0-9a-f]{40}(-dirty)?)?"), labels.toString());
        assertTrue(label(labels, "created").endsWith("Z"), labels.toString());
        assertEquals(Nodes.json("[\"/opt/tsn/bin/tsnd\"]"), config.path("Entrypoint"));
    }

    private static String label(JsonNode labels, String name) {
        return labels.required("org.opencontainers.image." + name).asText();
    }

    @Test
    void everyLibraryHasItsLicence() {
        for (String licence : List.of(
                HOME + "/LICENSE",
                HOME + "/bpf/LICENSE",
                HOME + "/runtime/legal/java.base/LICENSE",
                "/usr/share/doc/musl-dev/copyright")) {
            assertTrue(Files.isRegularFile(at(licence)), licence);
        }
        Set<String> packages = names("/var/lib/dpkg/status.d");
        assertTrue(packages.containsAll(Set.of("libbpf1", "libc6", "libelf1", "zlib1g")), packages.toString());
        assertEquals(packages, names("/usr/share/doc"));
        for (String one : packages) {
            assertTrue(Files.isRegularFile(at("/usr/share/doc/" + one + "/copyright")), one);
            assertTrue(read("/var/lib/dpkg/status.d/" + one).contains("\nVersion: "), one);
        }
    }

    @Test
    void theBillOfMaterialsNamesEveryJar() {
        JsonNode bom = Nodes.json(read(HOME + "/tsn-cni.cdx.json"));
        assertEquals("CycloneDX", bom.path("bomFormat").asText());
        Set<String> named = new TreeSet<>();
        named.add(jar(bom.at("/metadata/component")));
        bom.path("components").forEach(component -> named.add(jar(component)));
        Set<String> jars = names(HOME + "/lib");
        jars.removeIf(name -> !name.endsWith(".jar"));
        assertEquals(jars, named);
        assertTrue(named.stream().anyMatch(name -> name.startsWith("jackson-databind-")), named.toString());
    }

    private static String jar(JsonNode component) {
        return component.path("name").asText() + "-" + component.path("version").asText() + ".jar";
    }

    @Test
    void theShimsOfBothArchitecturesAnswer() {
        for (String architecture : List.of("amd64", "arm64")) {
            Shell shim = shim(architecture);
            String versions = shim.with("CNI_COMMAND", "VERSION").run().stdout();
            assertTrue(Nodes.json(versions).path("supportedVersions").toString().contains("\"1.1.0\""), versions);
            assertTrue(shim.run().stdout().startsWith(version().replace("tsn-cni", "tsn") + ","), architecture);
        }
    }

    /** Emulated where it is not this machine's. */
    private static Shell shim(String architecture) {
        String program = at(HOME + "/shim/" + architecture + "/tsn").toString();
        String here = System.getProperty("os.arch").replace("aarch64", "arm64");
        return architecture.equals(here)
                ? Shell.of(program)
                : Shell.of(architecture.equals("arm64") ? "qemu-aarch64-static" : "qemu-x86_64-static", program);
    }

    private static String version() {
        return Shell.of(BUILT.tsnd(), "--version").run().stdout().strip();
    }

    @Test
    void theArchiveOfClassesFitsTheRuntime() {
        try (AgentImage image = image()) {
            // on: no start without it.
            List<String> options = List.of("--env", "JDK_JAVA_OPTIONS=-Xshare:on");
            assertEquals(
                    version(), image.run(options, "--version").run().stdout().strip());
        }
    }

    @Test
    void theAgentServesPodsAsADaemonSetsWouldAndStopsCleanly() {
        try (AgentImage image = image();
                Node node = Nodes.started(image.artifacts())) {
            Pod pod = node.addPod("pod", node.tsnEntry(Mapped.MAP));
            Mapped.assertMapped(node, pod);
            String status = node.agent().tsnctl("status").run().stdout();
            assertTrue(status.contains(pod.attachment().netns()), status);

            Shell.Result end = node.agent().stop();
            assertEquals(0, end.exit(), end.stderr());
            assertTrue(end.stdout().startsWith("ready\n"), end.stdout());
            Mapped.assertMapped(node, pod);
            node.agent().start();
            Mapped.assertMapped(node, pod);
        }
    }

    /** As API servers have them: a certificate and a key exchange by elliptic curves. */
    @Test
    void theRuntimeCanTalkToAnApiServer(@TempDir Path directory) throws IOException {
        Path key = directory.resolve("key.pem");
        Path certificate = directory.resolve("certificate.pem");
        Shell.of("openssl", "req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=api")
                .and("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-addext", "subjectAltName=IP:127.0.0.1")
                .and("-keyout", key.toString(), "-out", certificate.toString())
                .run();
        String port = "16443";
        Path kubeconfig = Files.writeString(
                directory.resolve("kubeconfig"),
                """
                {"apiVersion": "v1", "kind": "Config", "current-context": "test",
                 "contexts": [{"name": "test", "context": {"cluster": "test", "user": "tsnd"}}],
                 "clusters": [{"name": "test",
                   "cluster": {"server": "https://127.0.0.1:%s", "certificate-authority": "%s"}}],
                 "users": [{"name": "tsnd", "user": {"token": "secret"}}]}
                """
                        .formatted(port, certificate));
        try (Background api = Shell.of("openssl", "s_server", "-www", "-state", "-accept", "127.0.0.1:" + port)
                        .and("-groups", "X25519:P-256", "-key", key.toString(), "-cert", certificate.toString())
                        .start();
                AgentImage image = image();
                Node node = new Node(image.artifacts(), Qdisc.HTB)) {
            node.agent().join(kubeconfig, "node1");
            node.agent().start();
            // The client's Finished comes after it has believed the certificate.
            Eventually.assertTrue(
                    Duration.ofSeconds(20),
                    () -> api.stderr().contains("SSL_accept:SSLv3/TLS read finished"),
                    "no TLS session: " + api.stderr());
        }
    }

    private static AgentImage image() {
        String architecture = FIRST.config().path("architecture").asText();
        return new AgentImage("oci:" + FIRST.directory() + ":test", at(HOME + "/shim/" + architecture + "/tsn"), BUILT);
    }

    private static Path at(String path) {
        return root.resolve(path.substring(1));
    }

    private static String read(String path) {
        try {
            return Files.readString(at(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] magic(String path) {
        try (InputStream from = Files.newInputStream(at(path))) {
            return from.readNBytes(ELF.length);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Set<String> names(String directory) {
        try (Stream<Path> files = Files.list(at(directory))) {
            return files.map(file -> file.getFileName().toString()).collect(Collectors.toCollection(TreeSet::new));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Those with any of these bits of the mode. */
    private static Set<String> find(Predicate<Path> which, int bits) {
        try (Stream<Path> all = Files.walk(root)) {
            // The directory itself is the test's.
            return all.filter(path -> !path.equals(root))
                    .filter(path -> which.test(path) && ((Integer) attribute(path, "mode") & bits) != 0)
                    .map(path -> "/" + root.relativize(path))
                    .collect(Collectors.toCollection(TreeSet::new));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Object attribute(Path path, String name) {
        try {
            return Files.getAttribute(path, "unix:" + name, LinkOption.NOFOLLOW_LINKS);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

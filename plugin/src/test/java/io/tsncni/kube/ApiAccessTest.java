// SPDX-License-Identifier: Apache-2.0
package io.tsncni.kube;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.client.Config;
import io.tsncni.cni.CniException;
import io.tsncni.cni.Eventually;
import io.tsncni.cni.RecordedLog;
import io.tsncni.kube.ContraryApiServer.Reply;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Execution(ExecutionMode.CONCURRENT)
class ApiAccessTest {
    private static final Duration BOUND = Duration.ofSeconds(10);
    private static final Optional<String> NODE = Optional.of("worker-1");

    @RegisterExtension
    final RecordedLog log = new RecordedLog(FreshToken.class);

    @TempDir
    Path directory;

    @BeforeEach
    void account() throws IOException {
        Files.writeString(directory.resolve("ca.crt"), Loopback.pem());
        Files.writeString(directory.resolve("token"), "first\n");
    }

    @ParameterizedTest
    @CsvSource({
        "10.96.0.1, 443, https://10.96.0.1:443/",
        "fd00::1, 6443, https://[fd00::1]:6443/",
    })
    void aPodFindsTheApiServerInItsEnvironment(String host, String port, String address) throws Exception {
        Config config = ApiAccess.inCluster(
                Map.of("KUBERNETES_SERVICE_HOST", host, "KUBERNETES_SERVICE_PORT", port), directory);
        assertEquals(address, config.getMasterUrl());
    }

    @Test
    void whatIsNoPodIsToldWhatToGive() {
        IOException error = assertThrows(IOException.class, () -> ApiAccess.inCluster(Map.of(), directory));
        assertTrue(error.getMessage().endsWith("give --kubeconfig FILE, or --no-kubernetes"), error.getMessage());
    }

    @ParameterizedTest
    @CsvSource({"ca.crt", "token"})
    void aPodWithoutItsServiceAccountIsToldWhatIsMissing(String file) throws Exception {
        Files.delete(directory.resolve(file));
        IOException error = assertThrows(
                IOException.class,
                () -> ApiAccess.inCluster(Map.of("KUBERNETES_SERVICE_HOST", "10.96.0.1"), directory));
        assertTrue(error.getMessage().contains(directory.resolve(file).toString()), error.getMessage());
    }

    private enum Access {
        SERVICE_ACCOUNT,
        TOKEN_FILE,
        KUBECONFIG
    }

    private Config access(Access access, ContraryApiServer server) throws IOException {
        return switch (access) {
            case SERVICE_ACCOUNT -> ApiAccess.inCluster(server.environment(), directory);
            case TOKEN_FILE -> ApiAccess.byKubeconfig(kubeconfig(server.address(), "tokenFile: token"));
            case KUBECONFIG -> ApiAccess.byKubeconfig(kubeconfig(server.address(), "token: first"));
        };
    }

    private void renew(Access access, ContraryApiServer server, String token) throws IOException {
        if (access == Access.KUBECONFIG) {
            kubeconfig(server.address(), "token: " + token);
        } else {
            Files.writeString(directory.resolve("token"), token + "\n");
        }
    }

    /** An API server takes no token but the newest, as after the others have expired. */
    @ParameterizedTest
    @EnumSource
    void aTokenThatIsRenewedOnDiskIsUsedFromThenOn(Access access) throws Exception {
        AtomicReference<String> valid = new AtomicReference<>("first");
        try (ContraryApiServer server = ContraryApiServer.started()) {
            server.mood(request ->
                    request.authorization().equals("Bearer " + valid.get()) ? null : Reply.status(401, "Unauthorized"));
            server.pod("plant", "plc", "u1", Map.of());
            try (Cluster cluster = Clusters.connect(access(access, server), NODE, BOUND)) {
                Eventually.holds("synced", cluster::isSynced);
                cluster.pod("plant", "plc", Optional.empty());

                valid.set("second");
                renew(access, server, "second");
                cluster.pod("plant", "plc", Optional.empty());

                // A token that cannot be read at this moment is not a reason to come without.
                Files.writeString(directory.resolve("kubeconfig"), "users: [");
                Files.deleteIfExists(directory.resolve("token"));
                cluster.pod("plant", "plc", Optional.empty());
                cluster.pod("plant", "plc", Optional.empty());

                valid.set("third");
                renew(access, server, "third");
                cluster.pod("plant", "plc", Optional.empty());
            }
        }
        List<String> lines = log.lines().stream()
                .filter(line -> line.contains(directory.toString()))
                .toList();
        assertEquals(1, lines.size(), lines::toString);
    }

    @Test
    void aKubeconfigWithoutATokenSendsNone() throws Exception {
        try (ContraryApiServer server = ContraryApiServer.started()) {
            Config config = ApiAccess.byKubeconfig(kubeconfig(server.address(), "{}"));
            try (Cluster cluster = Clusters.connect(config, NODE, BOUND)) {
                Eventually.holds("synced", cluster::isSynced);
            }
            assertEquals("null", server.requests().get(0).authorization());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "nowhere, current-context: nowhere, current-context names no context of the file",
        "broken, 'current-context: [', ''",
    })
    void aKubeconfigThatIsWrongIsToldByItsName(String name, String text, String problem) throws Exception {
        Path file = Files.writeString(directory.resolve(name), text);
        IOException error = assertThrows(IOException.class, () -> ApiAccess.byKubeconfig(file));
        assertTrue(error.getMessage().startsWith("--kubeconfig " + file + ": "), error.getMessage());
        assertTrue(error.getMessage().endsWith(problem), error.getMessage());
    }

    @Test
    void aKubeconfigThatIsMissingIsToldByItsName() {
        Path file = directory.resolve("none");
        IOException error = assertThrows(IOException.class, () -> ApiAccess.byKubeconfig(file));
        assertEquals("--kubeconfig " + file + ": no such file, or not readable", error.getMessage());
    }

    @Test
    void aClientCertificateThatIsNoneIsAnErrorAtStart() throws Exception {
        Config config = ApiAccess.byKubeconfig(
                kubeconfig("https://127.0.0.1:1", "{client-certificate-data: AAAA, client-key-data: AAAA}"));
        IOException error = assertThrows(IOException.class, () -> Clusters.connect(config, NODE, BOUND));
        assertTrue(error.getMessage().startsWith("API server https://127.0.0.1:1/: "), error.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"})
    void anAuthorityThatIsNoCertificateIsAnErrorAtStart(String text) throws Exception {
        Files.writeString(directory.resolve("ca.crt"), text);
        Config config = ApiAccess.inCluster(Map.of("KUBERNETES_SERVICE_HOST", "127.0.0.1"), directory);
        IOException error = assertThrows(IOException.class, () -> Clusters.connect(config, NODE, BOUND));
        String start = "API server https://127.0.0.1:443/: no certificate in " + directory.resolve("ca.crt");
        assertTrue(error.getMessage().startsWith(start), error.getMessage());
    }

    @Test
    void anApiServerOfAnotherAuthorityIsNotBelieved() throws Exception {
        Files.writeString(directory.resolve("ca.crt"), Loopback.pemOfAnother());
        try (ContraryApiServer server = ContraryApiServer.started();
                Cluster cluster = Clusters.connect(
                        ApiAccess.inCluster(server.environment(), directory), NODE, Duration.ofMillis(800))) {
            server.pod("plant", "plc", "u1", Map.of());
            assertThrows(CniException.class, () -> cluster.pod("plant", "plc", Optional.empty()));
            assertEquals(List.of(), server.requests());
        }
    }

    private Path kubeconfig(String address, String credentials) throws IOException {
        return Files.writeString(
                directory.resolve("kubeconfig"),
                """
                apiVersion: v1
                kind: Config
                current-context: plant
                contexts:
                - name: plant
                  context: {cluster: plant, user: agent}
                clusters:
                - name: plant
                  cluster:
                    server: %s
                    certificate-authority: ca.crt
                users:
                - name: other
                  user: {token: wrong}
                - name: agent
                  user:
                    %s
                """
                        .formatted(address, credentials));
    }
}

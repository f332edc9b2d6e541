// SPDX-License-Identifier: Apache-2.0
package io.tsncni.testbed;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Deque;

/** etcd, API server with RBAC, scheduler and controller manager, and whoever else takes part. */
final class ControlPlane implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String ETCD = "http://127.0.0.1:2379";
    private static final String ETCD_PEERS = "http://127.0.0.1:2380";
    private static final int PORT = 6443;

    /** The first of the range is kubernetes.default's. */
    private static final String SERVICE = "10.96.0.1";

    private final Path binaries;
    private final Path directory;
    private final String address;
    private final Deque<Background> processes = new ArrayDeque<>();
    private final Kubectl admin;

    /** @param address of the API server; kubectl and the agent check its certificate */
    ControlPlane(Path binaries, Path directory, String address) {
        this.binaries = binaries;
        this.directory = directory;
        this.address = address;
        admin = new Kubectl(binaries.resolve("kubectl"), directory.resolve("admin.kubeconfig"));
    }

    /** Returns when the API serves. */
    void start() {
        String token = RandomName.of("admin-");
        startApi(token);
        kubeconfig("admin", token);
        Poll.until(
                () -> admin.command("get", "--raw", "/readyz").attempt().exit() == 0,
                PATIENCE,
                () -> "API server not ready: " + processes.peek().stderr());
        serveService();
        String kubeconfig = "--kubeconfig=" + admin.kubeconfig();
        start("kube-scheduler", kubeconfig, "--port=0", "--leader-elect=false");
        start(
                "kube-controller-manager",
                kubeconfig,
                "--port=0",
                "--leader-elect=false",
                "--use-service-account-credentials",
                // What pods trust.
                "--root-ca-file=" + directory.resolve("certificates/apiserver.crt"),
                "--service-account-private-key-file=" + directory.resolve("sa.key"));
    }

    /** In the place of kube-proxy: the one service that there is, for pods in the node's network. */
    private void serveService() {
        Shell.run("ip", "address", "replace", SERVICE + "/32", "dev", "lo");
        String rules =
                """
                table ip service {
                  chain output {
                    type nat hook output priority -100
                    ip daddr %s tcp dport 443 dnat to %s:%s
                  }
                }
                """;
        Shell.of("nft", "-f", "-")
                .reading(rules.formatted(SERVICE, address, PORT))
                .run();
    }

    private void startApi(String token) {
        Path key = directory.resolve("sa.key");
        Path publicKey = directory.resolve("sa.pub");
        Path tokens = directory.resolve("tokens.csv");
        Shell.run("openssl", "genrsa", "-out", key.toString(), "2048");
        Shell.run("openssl", "rsa", "-in", key.toString(), "-pubout", "-out", publicKey.toString());
        write(tokens, token + ",admin,1,system:masters\n");
        String data = directory.resolve("etcd").toString();
        processes.push(Shell.of("etcd", "--data-dir", data, "--initial-cluster", "default=" + ETCD_PEERS)
                .and("--listen-client-urls", ETCD, "--advertise-client-urls", ETCD)
                .and("--listen-peer-urls", ETCD_PEERS, "--initial-advertise-peer-urls", ETCD_PEERS)
                .start());
        start(
                "kube-apiserver",
                "--etcd-servers=" + ETCD,
                "--bind-address=" + address,
                "--secure-port=" + PORT,
                "--cert-dir=" + directory.resolve("certificates"),
                "--token-auth-file=" + tokens,
                "--authorization-mode=RBAC",
                "--service-account-issuer=https://kubernetes.default.svc",
                "--service-account-key-file=" + publicKey,
                "--service-account-signing-key-file=" + key,
                "--service-cluster-ip-range=" + SERVICE + "/24",
                "--kubelet-preferred-address-types=InternalIP");
    }

    /** One more process of ours, from the same binaries. */
    Background start(String binary, String... arguments) {
        Background process = Shell.of(binaries.resolve(binary), arguments).start();
        processes.push(process);
        return process;
    }

    Kubectl admin() {
        return admin;
    }

    /** For the bearer of this token. */
    Path kubeconfig(String user, String token) {
        ObjectNode config = JSON.createObjectNode().put("apiVersion", "v1").put("kind", "Config");
        config.putArray("clusters")
                .addObject()
                .put("name", "test")
                .putObject("cluster")
                .put("server", "https://" + address + ":" + PORT)
                .put("certificate-authority-data", Base64.getEncoder().encodeToString(certificate()));
        config.putArray("users").addObject().put("name", user).putObject("user").put("token", token);
        config.putArray("contexts")
                .addObject()
                .put("name", "test")
                .putObject("context")
                .put("cluster", "test")
                .put("user", user);
        config.put("current-context", "test");
        return write(directory.resolve(user + ".kubeconfig"), config.toPrettyString());
    }

    /** The API server makes it for itself; in a file that is renamed when it is whole. */
    private byte[] certificate() {
        Path file = directory.resolve("certificates/apiserver.crt");
        Poll.until(
                () -> Files.exists(file),
                PATIENCE,
                () -> "no " + file + ": " + processes.peek().stderr());
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path write(Path file, String text) {
        try {
            return Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        processes.forEach(Background::kill);
    }
}

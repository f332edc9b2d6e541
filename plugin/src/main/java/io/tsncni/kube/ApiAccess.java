// SPDX-License-Identifier: Apache-2.0
package io.tsncni.kube;

import io.fabric8.kubernetes.api.model.AuthInfo;
import io.fabric8.kubernetes.api.model.NamedAuthInfo;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.internal.KubeConfigUtils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/** Where the API server is and how it knows us. */
final class ApiAccess {
    static final Path SERVICE_ACCOUNT = Path.of("/var/run/secrets/kubernetes.io/serviceaccount");

    private static final Duration CONNECT = Duration.ofSeconds(3);
    /** A list of every pod of a large cluster takes its time; what an ADD waits for has a bound of its own. */
    private static final Duration LIST = Duration.ofSeconds(30);
    /** Doubled five times, so an informer looks for a lost API server every 5 s. */
    private static final Duration RECONNECT = Duration.ofMillis(150);

    private ApiAccess() {}

    static Config byKubeconfig(Path file) throws IOException {
        if (!Files.isReadable(file)) {
            throw new IOException("--kubeconfig " + file + ": no such file, or not readable");
        }
        Config config = parsed(file, () -> Config.fromKubeconfig(file.toFile()));
        if (config.getCurrentContext() == null) {
            throw new IOException("--kubeconfig " + file + ": current-context names no context of the file");
        }
        String name = Objects.requireNonNullElse(
                config.getCurrentContext().getContext().getUser(), "");
        AuthInfo user = user(file, name).orElseGet(AuthInfo::new);
        if (user.getTokenFile() != null) {
            Path token = file.toAbsolutePath().resolveSibling(user.getTokenFile());
            config.setOauthTokenProvider(FreshToken.ofFile(token));
        } else if (user.getExec() == null && user.getAuthProvider() == null) {
            config.setOauthTokenProvider(
                    FreshToken.ofKubeconfig(file, () -> user(file, name).map(AuthInfo::getToken)));
        }
        return tuned(config);
    }

    private static Optional<AuthInfo> user(Path kubeconfig, String name) throws IOException {
        return parsed(kubeconfig, () -> KubeConfigUtils.parseConfig(kubeconfig.toFile())).getUsers().stream()
                .filter(candidate -> name.equals(candidate.getName()))
                .findFirst()
                .map(NamedAuthInfo::getUser);
    }

    private static <T> T parsed(Path kubeconfig, Supplier<T> parser) throws IOException {
        try {
            return parser.get();
        } catch (RuntimeException e) {
            // KubernetesClientException, or what the YAML parser throws.
            throw new IOException("--kubeconfig " + kubeconfig + ": " + ApiServer.reason(e), e);
        }
    }

    static Config inCluster(Map<String, String> environment, Path serviceAccount) throws IOException {
        String host = environment.getOrDefault("KUBERNETES_SERVICE_HOST", "");
        if (host.isEmpty()) {
            throw new IOException("no API server: KUBERNETES_SERVICE_HOST is not set, as it is in a pod;"
                    + " give --kubeconfig FILE, or --no-kubernetes");
        }
        String port = environment.getOrDefault("KUBERNETES_SERVICE_PORT", "443");
        Path authority = serviceAccount.resolve("ca.crt");
        if (!Files.isReadable(authority)) {
            throw new IOException(authority + ": not readable; does the pod mount its service account's token?");
        }
        Config config = Config.empty();
        config.setMasterUrl("https://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port);
        config.setCaCertFile(authority.toString());
        config.setOauthTokenProvider(FreshToken.ofFile(serviceAccount.resolve("token")));
        return tuned(config);
    }

    static Config tuned(Config config) {
        config.setUserAgent("tsn-cni");
        config.setConnectionTimeout((int) CONNECT.toMillis());
        config.setRequestTimeout((int) LIST.toMillis());
        config.setWatchReconnectInterval((int) RECONNECT.toMillis());
        // We repeat requests ourselves, within the bound of the whole call.
        config.setRequestRetryBackoffLimit(0);
        // With HTTP/2 all requests would share one connection; when its peer has silently gone, they would all hang on
        // it.
        config.setHttp2Disable(true);
        return config;
    }
}

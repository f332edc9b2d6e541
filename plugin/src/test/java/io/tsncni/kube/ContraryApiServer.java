// SPDX-License-Identifier: Apache-2.0
package io.tsncni.kube;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.fabric8.kubernetes.client.Config;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** An API server over HTTPS that can be slow, contrary or away. Its watches never tell anything. */
final class ContraryApiServer implements AutoCloseable {
    static final String PODS = "/api/v1/pods";
    static final String NADS = "/apis/k8s.cni.cncf.io/v1/network-attachment-definitions";

    record Request(String method, URI uri, String authorization, String contentType, String body) {
        boolean is(String wanted, String path) {
            return method.equals(wanted) && uri.getPath().equals(path);
        }
    }

    record Reply(int code, String body) {
        /** A head, and a body that does not come. */
        static final Reply HALF = new Reply(200, "");

        static Reply status(int code, String message) {
            return new Reply(code, "{\"kind\":\"Status\",\"code\":" + code + ",\"message\":\"" + message + "\"}");
        }
    }

    /** What comes instead of the usual reply; null for the usual one. */
    interface Mood {
        Reply reply(Request request) throws InterruptedException;
    }

    static {
        // Else each answer waits 40 ms for an acknowledgement.
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    private final int port;
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> new Thread(task, "contrary"));
    private final CountDownLatch closed = new CountDownLatch(1);
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private final Map<String, String> objects = new ConcurrentHashMap<>();
    private final Map<String, String> lists = new ConcurrentHashMap<>();
    private volatile Mood mood = request -> null;
    private HttpsServer server;

    private ContraryApiServer(int port) {
        this.port = port;
    }

    static ContraryApiServer started() throws IOException {
        return notYetStarted().start();
    }

    static ContraryApiServer notYetStarted() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return new ContraryApiServer(socket.getLocalPort());
        }
    }

    ContraryApiServer start() throws IOException {
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(Loopback.tls()));
        server.setExecutor(threads);
        server.createContext("/", this::serve);
        server.start();
        return this;
    }

    String address() {
        return "https://127.0.0.1:" + port;
    }

    /** A client of it, as in a pod, that looks for it again after a tenth of the usual time. */
    Cluster connect(Duration bound, Optional<String> nodeName) throws IOException {
        Path account = Files.createTempDirectory("serviceaccount");
        Files.writeString(account.resolve("ca.crt"), Loopback.pem());
        Files.writeString(account.resolve("token"), "first\n");
        Config config = ApiAccess.inCluster(environment(), account);
        config.setWatchReconnectInterval(config.getWatchReconnectInterval() / 10);
        return Clusters.connect(config, nodeName, bound);
    }

    Map<String, String> environment() {
        return Map.of("KUBERNETES_SERVICE_HOST", "127.0.0.1", "KUBERNETES_SERVICE_PORT", Integer.toString(port));
    }

    void mood(Mood mood) {
        this.mood = mood;
    }

    List<Request> requests() {
        return requests;
    }

    List<Request> requests(String method, String path) {
        return requests.stream().filter(request -> request.is(method, path)).toList();
    }

    /** What a list has in it; single objects are not. */
    void list(String path, String items) {
        lists.put(path, items);
    }

    void pod(String namespace, String name, String uid, Map<String, String> annotations) {
        objects.put(
                "/api/v1/namespaces/" + namespace + "/pods/" + name, ApiObjects.pod(namespace, name, uid, annotations));
    }

    void nad(String namespace, String name, String config) {
        objects.put(
                "/apis/k8s.cni.cncf.io/v1/namespaces/" + namespace + "/network-attachment-definitions/" + name,
                ApiObjects.nad(namespace, name, Map.of(), config));
    }

    private void serve(HttpExchange exchange) throws IOException {
        Request request = new Request(
                exchange.getRequestMethod(),
                exchange.getRequestURI(),
                String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")),
                String.valueOf(exchange.getRequestHeaders().getFirst("Content-Type")),
                new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
        requests.add(request);
        try (exchange) {
            Reply contrary = mood.reply(request);
            if (contrary == null && String.valueOf(request.uri().getQuery()).contains("watch=true")) {
                watch(exchange);
                return;
            }
            if (contrary == Reply.HALF) {
                exchange.sendResponseHeaders(200, 100);
                exchange.getResponseBody().flush();
                closed.await();
            }
            Reply reply = contrary == null ? usual(request) : contrary;
            byte[] body = reply.body().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(reply.code(), body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void watch(HttpExchange exchange) throws IOException, InterruptedException {
        if (exchange.getRequestHeaders().containsKey("Upgrade")) {
            // No web sockets here; the client then watches by HTTP.
            exchange.sendResponseHeaders(503, -1);
            return;
        }
        exchange.sendResponseHeaders(200, 0);
        exchange.getResponseBody().flush();
        closed.await();
    }

    private Reply usual(Request request) {
        String path = request.uri().getPath();
        if (path.equals(PODS) || path.equals(NADS)) {
            return new Reply(
                    200,
                    "{\"kind\":\"List\",\"metadata\":{\"resourceVersion\":\"7\"},\"items\":["
                            + lists.getOrDefault(path, "")
                            + "]}");
        }
        String object = objects.get(path.replaceAll("/status$", ""));
        return object == null ? Reply.status(404, path + " not found") : new Reply(200, object);
    }

    @Override
    public void close() {
        closed.countDown();
        if (server != null) {
            server.stop(0);
        }
        threads.shutdownNow();
    }
}

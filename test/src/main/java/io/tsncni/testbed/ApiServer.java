// SPDX-License-Identifier: Apache-2.0
package io.tsncni.testbed;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.kubernetes.client.utils.HttpClientUtils;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import io.fabric8.mockwebserver.dsl.HttpMethod;
import io.fabric8.mockwebserver.http.Buffer;
import io.fabric8.mockwebserver.http.Headers;
import io.fabric8.mockwebserver.http.MockResponse;
import io.fabric8.mockwebserver.http.RecordedRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;
import java.util.logging.Logger;

/** fabric8's API server with a memory, over HTTPS on the loopback, to be slow, contrary, stopped and started again. */
public final class ApiServer implements AutoCloseable {
    public static final String NODE = "node1";

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Held, because a logger that nobody holds forgets its level: they tell of every request. */
    private static final List<Logger> NOISY = List.of(Logger.getLogger("io.fabric8"), Logger.getLogger("io.netty"));

    static {
        NOISY.forEach(logger -> logger.setLevel(Level.SEVERE));
    }

    private record Refusal(String request, int code, AtomicInteger times) {
        boolean isOf(RecordedRequest asked) {
            return (asked.getMethod() + " " + asked.getPath()).matches(request) && times.getAndDecrement() > 0;
        }
    }

    private final KubernetesCrudDispatcher objects = new KubernetesCrudDispatcher() {
        @Override
        public MockResponse dispatch(RecordedRequest request) {
            MockResponse answer = refusal.isOf(request) ? status(refusal.code()) : super.dispatch(understood(request));
            // Not by sleeping here, where all requests pass through one thread.
            return slowness.isZero() ? answer : answer.setBodyDelay(slowness);
        }
    };
    private final Path kubeconfig;
    private volatile Duration slowness = Duration.ZERO;
    private volatile Refusal refusal = new Refusal("", 0, new AtomicInteger());
    private KubernetesMockServer server;
    private int port;

    private ApiServer() {
        try {
            kubeconfig = Files.createTempFile("kubeconfig", ".json");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static ApiServer started() {
        ApiServer server = new ApiServer();
        server.start();
        server.writeKubeconfig();
        return server;
    }

    /** Again after {@link #stop}, at the same address and with the same objects. */
    public void start() {
        server = new KubernetesMockServer(new Context(), new MockWebServer(), new HashMap<>(), objects, true);
        server.init(InetAddress.getLoopbackAddress(), port);
        port = server.getPort();
    }

    public void stop() {
        server.destroy();
        server = null;
    }

    /** How long each answer takes from now on. */
    public void slow(Duration each) {
        slowness = each;
    }

    /**
     * @param request a regular expression for method and path
     * @param times how often; then it is answered as usual
     */
    public void refuse(String request, int code, int times) {
        refusal = new Refusal(request, code, new AtomicInteger(times));
    }

    public Path kubeconfig() {
        return kubeconfig;
    }

    public HttpClient client() {
        return HttpClientUtils.getHttpClientFactory()
                .newBuilder(Config.fromKubeconfig(kubeconfig.toFile()))
                .build();
    }

    public URI statusOfPod(String namespace, String name) {
        return URI.create("https://127.0.0.1:" + port + pods(namespace) + "/" + name + "/status");
    }

    /** @return the pod's uid */
    public String pod(String namespace, String name, Map<String, String> annotations) {
        ObjectNode pod = object("v1", "Pod", namespace, name, annotations);
        pod.putObject("spec").put("nodeName", NODE);
        pod.putObject("status").put("phase", "Pending");
        create(pods(namespace), pod);
        return object(pods(namespace) + "/" + name).at("/metadata/uid").asText();
    }

    public void deletePod(String namespace, String name) {
        told(() -> objects.handleDelete(pods(namespace) + "/" + name));
    }

    public Optional<String> annotation(String namespace, String pod, String key) {
        return Optional.ofNullable(object(pods(namespace) + "/" + pod)
                .path("metadata")
                .path("annotations")
                .path(key)
                .textValue());
    }

    public void nad(String namespace, String name, String config, Map<String, String> annotations) {
        ObjectNode nad = object("k8s.cni.cncf.io/v1", "NetworkAttachmentDefinition", namespace, name, annotations);
        nad.putObject("spec").put("config", config);
        create(nads(namespace), nad);
    }

    public void nad(String namespace, String name, JsonNode config) {
        nad(namespace, name, config.toString(), Map.of());
    }

    public void updateNad(String namespace, String name, String config) {
        ObjectNode patch = JSON.createObjectNode();
        patch.putObject("spec").put("config", config);
        patch(nads(namespace) + "/" + name, patch);
    }

    public void deleteNad(String namespace, String name) {
        told(() -> objects.handleDelete(nads(namespace) + "/" + name));
    }

    /** Of a pod, in the order of their names, which is that of their making. */
    public List<Event> events(String namespace, String pod) {
        List<Event> events = new ArrayList<>();
        for (JsonNode event :
                object("/api/v1/namespaces/" + namespace + "/events").path("items")) {
            if (event.at("/involvedObject/name").asText().equals(pod)) {
                events.add(new Event(
                        event.at("/metadata/name").asText(),
                        event.path("type").asText(),
                        event.path("reason").asText(),
                        event.path("message").asText()));
            }
        }
        events.sort((one, other) -> one.name().compareTo(other.name()));
        return events;
    }

    public record Event(String name, String type, String reason, String message) {}

    private JsonNode object(String path) {
        MockResponse answer = objects.handleGet(path);
        try {
            return JSON.readTree(answer.getBody().getBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(path, e);
        }
    }

    private static ObjectNode object(
            String apiVersion, String kind, String namespace, String name, Map<String, String> annotations) {
        ObjectNode object =
                JSON.createObjectNode().put("apiVersion", apiVersion).put("kind", kind);
        ObjectNode metadata =
                object.putObject("metadata").put("namespace", namespace).put("name", name);
        ObjectNode written = metadata.putObject("annotations");
        annotations.forEach(written::put);
        return object;
    }

    private void create(String path, ObjectNode object) {
        told(() -> expect(objects.handleCreate(
                request(HttpMethod.POST, path, Headers.builder().build(), object))));
    }

    private void patch(String path, ObjectNode patch) {
        Headers headers = Headers.builder()
                .add("Content-Type", "application/merge-patch+json")
                .build();
        told(() -> expect(objects.handlePatch(request(HttpMethod.PATCH, path, headers, patch))));
    }

    private static RecordedRequest request(HttpMethod method, String path, Headers headers, ObjectNode body) {
        return new RecordedRequest(
                "HTTP/1.1", method, path, headers, new Buffer(body.toString().getBytes(StandardCharsets.UTF_8)));
    }

    /**
     * The mock understands no selector by a field of the spec, and all pods are this node's. To it, a patch of a status
     * touches nothing else; an API server takes a pod's annotations with it.
     */
    private static RecordedRequest understood(RecordedRequest request) {
        String path = request.getPath()
                .replaceAll("fieldSelector=spec.nodeName[^&]*&?", "")
                .replaceAll("(/pods/[^/]*)/status$", "$1");
        return new RecordedRequest(
                request.getHttpVersion(), request.method(), path, request.getHeaders(), request.getBody());
    }

    private static MockResponse status(int code) {
        String body = "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"code\":%d,\"message\":\"not today\"}";
        return new MockResponse()
                .setResponseCode(code)
                .setHeader("Content-Type", "application/json")
                .setBody(body.formatted(code));
    }

    /** A watcher that was killed a moment ago cannot be told of a change, and need not be. */
    private static void told(Runnable change) {
        try {
            change.run();
        } catch (RejectedExecutionException e) {
            return;
        }
    }

    private static void expect(MockResponse response) {
        if (response.code() / 100 != 2) {
            throw new IllegalStateException(response.toString());
        }
    }

    private static String pods(String namespace) {
        return "/api/v1/namespaces/" + namespace + "/pods";
    }

    private static String nads(String namespace) {
        return "/apis/k8s.cni.cncf.io/v1/namespaces/" + namespace + "/network-attachment-definitions";
    }

    private void writeKubeconfig() {
        String text =
                """
                {"apiVersion": "v1", "kind": "Config", "current-context": "test",
                 "contexts": [{"name": "test", "context": {"cluster": "test", "user": "tsnd"}}],
                 "clusters": [{"name": "test",
                   "cluster": {"server": "https://127.0.0.1:%d", "insecure-skip-tls-verify": true}}],
                 "users": [{"name": "tsnd", "user": {"token": "secret"}}]}
                """;
        try {
            Files.writeString(kubeconfig, text.formatted(port));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            if (server != null) {
                stop();
            }
        } catch (IllegalStateException e) {
            // Its only event loop waits for a watch whose peer is gone; it ends with this JVM.
            System.err.println("API server not closed: " + e.getMessage());
        }
        Shell.run("rm", "-f", kubeconfig.toString());
    }
}

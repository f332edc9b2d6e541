// SPDX-License-Identifier: Apache-2.0
package io.tsncni.kube;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import io.fabric8.mockwebserver.dsl.HttpMethod;
import io.fabric8.mockwebserver.http.Buffer;
import io.fabric8.mockwebserver.http.Headers;
import io.fabric8.mockwebserver.http.MockResponse;
import io.fabric8.mockwebserver.http.RecordedRequest;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** fabric8's API server, with web sockets and a memory, that records what it is asked. */
final class MockApiServer implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(MockApiServer.class.getName());

    private final List<RecordedRequest> requests = new CopyOnWriteArrayList<>();
    private final KubernetesCrudDispatcher objects = new KubernetesCrudDispatcher() {
        @Override
        public MockResponse dispatch(RecordedRequest request) {
            requests.add(request);
            // It understands no selector by a field of the spec, and all pods are of one node.
            String path = request.getPath().replaceAll("fieldSelector=spec.nodeName[^&]*&?", "");
            return super.dispatch(new RecordedRequest(
                    request.getHttpVersion(), request.method(), path, request.getHeaders(), request.getBody()));
        }
    };
    private final KubernetesMockServer server;

    private MockApiServer(boolean https) {
        server = new KubernetesMockServer(new Context(), new MockWebServer(), new HashMap<>(), objects, https);
        server.init();
    }

    static MockApiServer http() {
        return new MockApiServer(false);
    }

    /** Makes a key of its own, which takes a second or more. */
    static MockApiServer https() {
        return new MockApiServer(true);
    }

    Cluster connect() throws IOException {
        return connect(Optional.empty());
    }

    Cluster connect(Optional<String> nodeName) throws IOException {
        Config config = Config.empty();
        config.setMasterUrl(server.url("/"));
        config.setTrustCerts(true);
        config.setOauthToken("secret");
        return Clusters.connect(ApiAccess.tuned(config), nodeName, Duration.ofSeconds(10));
    }

    List<RecordedRequest> requests() {
        return requests;
    }

    void pod(String namespace, String name, Map<String, String> annotations) {
        create(pods(namespace), ApiObjects.pod(namespace, name, "chosen by the server", annotations));
    }

    void changePod(String namespace, String name, String mergePatch) {
        patch(pods(namespace) + "/" + name, mergePatch);
    }

    void nad(String namespace, String name, Map<String, String> annotations, String config) {
        create(nads(namespace), ApiObjects.nad(namespace, name, annotations, config));
    }

    void changeNad(String namespace, String name, String mergePatch) {
        patch(nads(namespace) + "/" + name, mergePatch);
    }

    void deleteNad(String namespace, String name) {
        objects.handleDelete(nads(namespace) + "/" + name);
    }

    private void create(String path, String json) {
        expect(objects.handleCreate(
                request(HttpMethod.POST, path, Headers.builder().build(), json)));
    }

    private void patch(String path, String json) {
        Headers headers = Headers.builder()
                .add("Content-Type", "application/merge-patch+json")
                .build();
        expect(objects.handlePatch(request(HttpMethod.PATCH, path, headers, json)));
    }

    private static RecordedRequest request(HttpMethod method, String path, Headers headers, String body) {
        return new RecordedRequest("HTTP/1.1", method, path, headers, new Buffer(body.getBytes()));
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

    /**
     * Goes on behind. In the server's only event loop fabric8 may wait for a watch that waits for this loop, gives up after
     * 10 s and throws, which says nothing of what is tested.
     */
    @Override
    public void close() {
        Thread closing = new Thread(this::destroy, "mock API server closing");
        closing.setDaemon(true);
        closing.start();
    }

    private void destroy() {
        try {
            server.destroy();
        } catch (RuntimeException e) {
            LOG.log(Level.INFO, "the mock API server did not close", e);
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.kube;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.mockwebserver.http.RecordedRequest;
import io.tsncni.cni.CniErrorCode;
import io.tsncni.cni.CniException;
import io.tsncni.cni.Eventually;
import io.tsncni.cni.RecordedLog;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Against fabric8's own API server, where all is well. */
class ClusterTest {
    private static final Optional<String> ANY = Optional.empty();
    private static final Map<String, String> DEFAULT = Map.of(NetworkAttachmentDefinition.NAMESPACE_DEFAULT, "true");

    @RegisterExtension
    final RecordedLog start = new RecordedLog(Clusters.class);

    @RegisterExtension
    final RecordedLog log = new RecordedLog(InformedCluster.class);

    private final MockApiServer server = MockApiServer.http();
    private Cluster cluster;

    @BeforeEach
    void connect() throws Exception {
        server.pod("plant", "plc", Map.of("k8s.v1.cni.cncf.io/networks", "tsn-net"));
        server.nad("plant", "tsn-net", Map.of("a", "b"), "{\"type\": \"tsn\"}");
        cluster = server.connect();
        Eventually.holds("synced", cluster::isSynced);
        // Behind what the informer tells of its first list.
        List<String> told = new CopyOnWriteArrayList<>();
        cluster.onChange(told::add);
        server.nad("fence", "fence", Map.of(), "{}");
        Eventually.holds("told of the first list", () -> told.contains("fence"));
    }

    @AfterEach
    void close() {
        cluster.close();
        server.close();
    }

    @Test
    void aPodThatTheInformerHasCostsNoRequest() throws Exception {
        PodInfo pod = cluster.pod("plant", "plc", ANY);

        assertEquals("plant", pod.namespace());
        assertEquals("plc", pod.name());
        assertEquals(Map.of("k8s.v1.cni.cncf.io/networks", "tsn-net"), pod.annotations());
        assertFalse(pod.uid().isEmpty());
        assertEquals(pod, cluster.pod("plant", "plc", Optional.of(pod.uid())));
        assertEquals(Optional.of(pod), cluster.knownPod("plant", "plc"));
        assertEquals(List.of(), asked("/namespaces/"));
    }

    @Test
    void aPodOfAnotherUidIsAnErrorThatSaysBoth() throws Exception {
        String found = cluster.pod("plant", "plc", ANY).uid();

        CniException error = assertThrows(CniException.class, () -> cluster.pod("plant", "plc", Optional.of("1234")));

        assertEquals(CniErrorCode.TRY_AGAIN_LATER, error.code());
        assertEquals("pod plant/plc: expected uid 1234, found " + found + " under this name", error.getMessage());
        assertFalse(asked("/namespaces/plant/pods/plc").isEmpty(), "only a live look decides");
    }

    @Test
    void aStaticPodMayHaveAnotherUid() throws Exception {
        server.pod("kube-system", "etcd", Map.of("kubernetes.io/config.source", "file"));

        PodInfo pod = cluster.pod("kube-system", "etcd", Optional.of("1234"));

        assertTrue(pod.isStatic());
        assertFalse(pod.uid().equals("1234"));
    }

    @Test
    void whatKubectlAndTheApiServerNoteForThemselvesIsNotKept() throws Exception {
        server.pod("plant", "hmi", Map.of("kubectl.kubernetes.io/last-applied-configuration", "{...}", "a", "b"));

        assertEquals(Map.of("a", "b"), cluster.pod("plant", "hmi", ANY).annotations());
    }

    @Test
    void theRunningPodsAreThoseOfThisNodeWithANetworkOfTheirOwn() throws Exception {
        server.pod("plant", "host", Map.of());
        server.changePod("plant", "plc", "{\"status\": {\"phase\": \"Running\"}}");
        server.changePod("plant", "host", "{\"status\": {\"phase\": \"Running\"}, \"spec\": {\"hostNetwork\": true}}");
        server.pod("plant", "starting", Map.of());
        try (Cluster ofNode = server.connect(Optional.of("worker-1"))) {
            Eventually.holds("synced", ofNode::isSynced);
            assertEquals(
                    List.of("plc"),
                    ofNode.runningPods().stream().map(PodInfo::name).toList());
            server.changePod("plant", "starting", "{\"status\": {\"phase\": \"Running\"}}");
            Eventually.holds("seen to run", () -> ofNode.runningPods().size() == 2);
        }
        assertEquals(List.of(), cluster.runningPods(), "of which node?");
    }

    @Test
    void aNadThatTheInformerHasCostsNoRequest() throws Exception {
        NetworkAttachmentDefinition nad = cluster.nad("plant", "tsn-net").orElseThrow();

        assertEquals(new NetworkAttachmentDefinition("plant", "tsn-net", Map.of("a", "b"), "{\"type\": \"tsn\"}"), nad);
        assertEquals(List.of(), asked("/namespaces/"));
    }

    @Test
    void aNadThatIsNotThereIsEmptyAfterALiveLook() throws Exception {
        assertEquals(Optional.empty(), cluster.nad("plant", "no-such"));
        assertEquals(
                1,
                asked("/namespaces/plant/network-attachment-definitions/no-such")
                        .size());
    }

    @Test
    void namespaceDefaultsAreThoseMarkedInThisNamespaceByName() throws Exception {
        server.nad("plant", "z", DEFAULT, "{}");
        server.nad("plant", "b", DEFAULT, "{}");
        server.nad("plant", "off", Map.of(NetworkAttachmentDefinition.NAMESPACE_DEFAULT, "false"), "{}");
        server.nad("office", "c", DEFAULT, "{}");
        Eventually.holds(
                "all are known", () -> cluster.namespaceDefaults("office").size() == 1);

        assertEquals(List.of("b", "z"), names(cluster.namespaceDefaults("plant")));
        assertEquals(List.of(), names(cluster.namespaceDefaults("home")));
    }

    @Test
    void aChangeOfANadIsToldAndThenSeen() throws Exception {
        List<String> told = new CopyOnWriteArrayList<>();
        cluster.onChange(told::add);

        server.nad("office", "later", DEFAULT, "1");
        Eventually.holds("told of the new NAD", () -> told.equals(List.of("office")));
        server.changeNad("office", "later", "{\"spec\": {\"config\": \"2\"}}");
        Eventually.holds("told of its change", () -> told.equals(List.of("office", "office")));
        assertEquals("2", cluster.namespaceDefaults("office").get(0).config());
        server.deleteNad("office", "later");
        Eventually.holds("told of its end", () -> told.equals(List.of("office", "office", "office")));
        assertEquals(List.of(), cluster.namespaceDefaults("office"));
    }

    @Test
    void aChangeIsToldOverTlsToo() throws Exception {
        try (MockApiServer secured = MockApiServer.https();
                Cluster client = secured.connect()) {
            Eventually.holds("synced", client::isSynced);
            List<String> told = new CopyOnWriteArrayList<>();
            client.onChange(told::add);

            secured.nad("office", "later", Map.of(), "1");

            Eventually.holds("told", () -> told.contains("office"));
            assertTrue(secured.requests().stream()
                    .anyMatch(request -> request.getPath().contains("watch=true")
                            && "websocket".equalsIgnoreCase(request.getHeader("Upgrade"))));
        }
    }

    @Test
    void ofAPodOnlyItsAnnotationsAreToldButNotItsNetworkStatus() throws Exception {
        List<String> told = new CopyOnWriteArrayList<>();
        cluster.onChange(told::add);

        server.changePod("plant", "plc", "{\"status\": {\"phase\": \"Running\"}}");
        server.changePod("plant", "plc", "{\"metadata\": {\"labels\": {\"a\": \"b\"}}}");
        server.changePod("plant", "plc", annotation("k8s.v1.cni.cncf.io/network-status", "[]"));
        server.changeNad("plant", "tsn-net", "{\"metadata\": {\"labels\": {\"a\": \"b\"}}}");
        server.changePod("plant", "plc", annotation("tsncni.io/policy", "none"));
        Eventually.holds("told of the annotation", () -> !told.isEmpty());
        server.nad("office", "fence", Map.of(), "{}");
        Eventually.holds("told of the fence", () -> told.contains("office"));

        assertEquals(List.of("plant", "office"), told);
        assertEquals("none", cluster.pod("plant", "plc", ANY).annotations().get("tsncni.io/policy"));
    }

    @Test
    void aListenerThatFailsDoesNotEndTheFollowing() throws Exception {
        List<String> told = new CopyOnWriteArrayList<>();
        cluster.onChange(namespace -> {
            throw new IllegalStateException("on purpose");
        });
        cluster.onChange(told::add);

        server.nad("office", "one", Map.of(), "{}");
        server.nad("home", "two", Map.of(), "{}");

        Eventually.holds("both are told", () -> told.equals(List.of("office", "home")));
        assertEquals(
                List.of(
                        "SEVERE a change in namespace office was not followed",
                        "SEVERE a change in namespace home was not followed"),
                log.lines());
    }

    /** What the shipped ClusterRole allows. */
    @Test
    void nothingIsAskedThatTheRoleDoesNotAllow() throws Exception {
        PodInfo pod = cluster.pod("plant", "plc", ANY);
        assertThrows(CniException.class, () -> cluster.pod("plant", "plc", Optional.of("other")));
        cluster.nad("plant", "no-such");
        cluster.networkStatus(pod, "[]");
        cluster.event(pod, EventType.NORMAL, "AddedInterface", "net1");
        Eventually.holds("posted", () -> !asked("POST", "/events").isEmpty());
        Pattern unique = Pattern.compile("resourceVersion=\\d+");

        Set<String> asked = server.requests().stream()
                .map(request -> request.getMethod() + " "
                        + request.getPath()
                                .replaceAll("\\?.*watch=true.*", " watch")
                                .replaceAll("\\?.*", ""))
                .map(line -> unique.matcher(line).replaceAll(""))
                .collect(Collectors.toCollection(TreeSet::new));

        String nads = "/apis/k8s.cni.cncf.io/v1/network-attachment-definitions";
        assertEquals(
                Set.of(
                        "GET /api/v1/pods",
                        "GET /api/v1/pods watch",
                        "GET " + nads,
                        "GET " + nads + " watch",
                        "GET /api/v1/namespaces/plant/pods/plc",
                        "GET /apis/k8s.cni.cncf.io/v1/namespaces/plant/network-attachment-definitions/no-such",
                        "PATCH /api/v1/namespaces/plant/pods/plc/status",
                        "POST /api/v1/namespaces/plant/events"),
                asked);
    }

    @Test
    void awaitNadsReturnsOnceTheyAreListed() throws Exception {
        try (Cluster second = server.connect()) {
            second.awaitNads(Duration.ofSeconds(10));
            assertTrue(second.nad("plant", "tsn-net").isPresent());
        }
        assertEquals(List.of(), asked("/namespaces/"));
    }

    private List<RecordedRequest> asked(String part) {
        return asked("GET", part);
    }

    private List<RecordedRequest> asked(String method, String part) {
        return server.requests().stream()
                .filter(request ->
                        request.getMethod().equals(method) && request.getPath().contains(part))
                .toList();
    }

    private static String annotation(String key, String value) throws IOException {
        return new ObjectMapper().writeValueAsString(Map.of("metadata", Map.of("annotations", Map.of(key, value))));
    }

    private static List<String> names(List<NetworkAttachmentDefinition> nads) {
        return nads.stream().map(NetworkAttachmentDefinition::name).toList();
    }
}

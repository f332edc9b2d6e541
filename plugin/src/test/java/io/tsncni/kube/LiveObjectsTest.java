// SPDX-License-Identifier: Apache-2.0
package io.tsncni.kube;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.tsncni.cni.CniErrorCode;
import io.tsncni.cni.CniException;
import io.tsncni.cni.Eventually;
import io.tsncni.cni.RecordedLog;
import io.tsncni.kube.ContraryApiServer.Reply;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Single requests to an API server that is slow, flapping, contrary or away. */
@Execution(ExecutionMode.CONCURRENT)
class LiveObjectsTest {
    private static final String PLC = "/api/v1/namespaces/plant/pods/plc";
    private static final String NAD =
            "/apis/k8s.cni.cncf.io/v1/namespaces/plant/network-attachment-definitions/tsn-net";
    /** Locked by tests that read the log, which others may write meanwhile. */
    private static final String LOG = "log of LiveObjects";

    private static final Optional<String> ANY = Optional.empty();
    private static final PodInfo POD = new PodInfo("plant", "plc", "u1", Map.of());
    private static final Duration LONG = Duration.ofSeconds(10);

    @RegisterExtension
    final RecordedLog log = new RecordedLog(LiveObjects.class);

    @RegisterExtension
    final RecordedLog informers = new RecordedLog(Informer.class);

    private ContraryApiServer server;

    @BeforeEach
    void start() throws Exception {
        server = ContraryApiServer.started();
    }

    @AfterEach
    void close() {
        server.close();
    }

    private Cluster connect(Duration bound) throws Exception {
        return server.connect(bound, Optional.of("worker-1"));
    }

    /** Half of the bound, as 5 s of 10 s. */
    @Test
    void aSlowAnswerWithinTheBoundIsAnAnswer() throws Exception {
        server.pod("plant", "plc", "u1", Map.of("a", "b"));
        server.mood(request -> {
            if (request.is("GET", PLC)) {
                Thread.sleep(1500);
            }
            return null;
        });
        try (Cluster cluster = connect(Duration.ofSeconds(3))) {
            assertEquals(new PodInfo("plant", "plc", "u1", Map.of("a", "b")), cluster.pod("plant", "plc", ANY));
        }
        assertEquals(1, server.requests("GET", PLC).size());
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 500, 502, 503, 504})
    void aPassingFaultIsTriedAgain(int code) throws Exception {
        AtomicInteger faults = new AtomicInteger(2);
        server.pod("plant", "plc", "u1", Map.of());
        server.nad("plant", "tsn-net", "{}");
        server.mood(request -> request.uri().getPath().contains("/namespaces/") && faults.getAndDecrement() > 0
                ? Reply.status(code, "on purpose")
                : null);
        try (Cluster cluster = connect(LONG)) {
            assertEquals("u1", cluster.pod("plant", "plc", Optional.of("u1")).uid());
            assertEquals(3, server.requests("GET", PLC).size());
            faults.set(2);
            assertEquals("{}", cluster.nad("plant", "tsn-net").orElseThrow().config());
            assertEquals(3, server.requests("GET", NAD).size());
            faults.set(2);
            cluster.networkStatus(POD, "[]");
            assertEquals(3, server.requests("PATCH", PLC + "/status").size());
        }
    }

    @Test
    void anApiServerThatComesWithinTheBoundIsWaitedFor() throws Exception {
        try (ContraryApiServer late = ContraryApiServer.notYetStarted();
                Cluster cluster = late.connect(LONG, Optional.of("worker-1"))) {
            late.pod("plant", "plc", "u1", Map.of());
            Thread starter = new Thread(() -> {
                try {
                    Thread.sleep(300);
                    late.start();
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            starter.start();

            assertEquals("u1", cluster.pod("plant", "plc", ANY).uid());
            Eventually.holds("the informers come too", cluster::isSynced);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Timeout(60)
    void anApiServerThatHangsIsGivenUp(boolean halfWay) throws Exception {
        server.mood(request -> {
            if (!halfWay) {
                Thread.sleep(60_000);
            }
            return Reply.HALF;
        });
        try (Cluster cluster = connect(Duration.ofMillis(400))) {
            String message = assertThrows(CniException.class, () -> cluster.pod("plant", "plc", ANY))
                    .getMessage();
            // The second when the client that we told how long gives up a moment before us.
            assertTrue(message.matches(".*; last: (no answer in time|connection closed locally)"), message);
        }
    }

    @Test
    void aRefusalIsNotTriedAgain() throws Exception {
        server.mood(request -> Reply.status(403, "pods is forbidden"));
        try (Cluster cluster = connect(LONG)) {
            CniException error = assertThrows(CniException.class, () -> cluster.pod("plant", "plc", ANY));
            assertEquals(
                    "pod plant/plc: refused by the API server at " + server.address() + ": HTTP 403: pods is forbidden",
                    error.getMessage());
        }
        assertEquals(1, server.requests("GET", PLC).size());
    }

    /** Empty would say that there is none. */
    @Test
    void aNadIsNotMissingBecauseItsReadingIsRefused() throws Exception {
        server.mood(request -> Reply.status(403, "forbidden"));
        try (Cluster cluster = connect(LONG)) {
            CniException error = assertThrows(CniException.class, () -> cluster.nad("plant", "tsn-net"));
            assertEquals(CniErrorCode.TRY_AGAIN_LATER, error.code());
        }
    }

    @Test
    void aPodThatStaysMissingIsAnErrorAndNeverMadeUp() throws Exception {
        try (Cluster cluster = connect(Duration.ofMinutes(5))) {
            CniException error = assertThrows(CniException.class, () -> cluster.pod("plant", "plc", ANY));

            assertEquals(CniErrorCode.TRY_AGAIN_LATER, error.code());
            assertTrue(error.getMessage().startsWith("pod plant/plc: waited "), error.getMessage());
            assertTrue(error.getMessage().endsWith("; last: there is no such pod"), error.getMessage());
        }
    }

    @Test
    void aPodThatIsMissingAtFirstIsFound() throws Exception {
        AtomicInteger missing = new AtomicInteger(3);
        server.pod("plant", "plc", "u1", Map.of());
        server.mood(request ->
                request.is("GET", PLC) && missing.getAndDecrement() > 0 ? Reply.status(404, "not found") : null);
        try (Cluster cluster = connect(LONG)) {
            assertEquals("u1", cluster.pod("plant", "plc", Optional.of("u1")).uid());
        }
    }

    @Test
    void anAnswerThatIsNoPodIsTriedAgain() throws Exception {
        AtomicInteger nonsense = new AtomicInteger(2);
        server.pod("plant", "plc", "u1", Map.of());
        server.mood(request ->
                request.is("GET", PLC) && nonsense.getAndDecrement() > 0 ? new Reply(200, "<html>login</html>") : null);
        try (Cluster cluster = connect(LONG)) {
            assertEquals("u1", cluster.pod("plant", "plc", ANY).uid());
        }
    }

    @Test
    void aNadThatTheInformerDoesNotHaveYetIsFound() throws Exception {
        try (Cluster cluster = connect(LONG)) {
            cluster.awaitNads(LONG);
            server.nad("plant", "tsn-net", "{\"type\":\"tsn\"}");
            assertEquals(
                    Optional.of(new NetworkAttachmentDefinition("plant", "tsn-net", Map.of(), "{\"type\":\"tsn\"}")),
                    cluster.nad("plant", "tsn-net"));
        }
    }

    /** Such names come from an annotation; put into a path they would ask for something else. */
    @ParameterizedTest
    @ValueSource(strings = {"", "..", "../pods/plc", "a?watch=true", "a/b", "A", "a b", "a#", "%2e", "-a", "a."})
    void aNameThatCannotBeIsNotAskedFor(String name) throws Exception {
        server.mood(request -> new Reply(200, "{\"metadata\":{\"namespace\":\"n\",\"name\":\"x\"}}"));
        try (Cluster cluster = connect(LONG)) {
            assertEquals(Optional.empty(), cluster.nad("plant", name));
            assertEquals(Optional.empty(), cluster.nad(name, "tsn-net"));
            assertThrows(CniException.class, () -> cluster.pod(name, "plc", ANY));
            assertThrows(CniException.class, () -> cluster.pod("plant", name, ANY));
        }
        assertFalse(server.requests().stream()
                .anyMatch(request -> request.uri().getPath().contains("/namespaces/")));
    }

    @Test
    @ResourceLock(LOG)
    void networkStatusIsAMergePatchThatIsGoodForThisUidOnly() throws Exception {
        server.pod("plant", "plc", "u1", Map.of());
        try (Cluster cluster = connect(LONG)) {
            cluster.networkStatus(POD, "[{\"name\": \"a\"}]");
        }
        ContraryApiServer.Request patch =
                server.requests("PATCH", PLC + "/status").get(0);
        assertEquals("application/merge-patch+json", patch.contentType());
        assertEquals(
                Map.of(
                        "metadata",
                        Map.of(
                                "uid",
                                "u1",
                                "annotations",
                                Map.of("k8s.v1.cni.cncf.io/network-status", "[{\"name\": \"a\"}]"))),
                new ObjectMapper().readValue(patch.body(), Map.class));
        assertEquals(List.of(), log.lines());
    }

    /** 404: gone. 409 and 422: what API servers say to another uid. */
    @ParameterizedTest
    @ResourceLock(LOG)
    @ValueSource(ints = {404, 409, 422})
    void networkStatusOfAPodThatIsGoneOrAnotherIsLeft(int code) throws Exception {
        server.pod("plant", "plc", "u2", Map.of());
        server.mood(request -> request.method().equals("PATCH") ? Reply.status(code, "no") : null);
        try (Cluster cluster = connect(LONG)) {
            cluster.networkStatus(POD, "[]");
        }
        assertEquals(1, server.requests("PATCH", PLC + "/status").size());
        assertEquals(
                List.of("INFO network-status of pod plant/plc is not written: the pod of uid u1 is gone"), log.lines());
    }

    @Test
    @ResourceLock(LOG)
    void networkStatusInConflictWithAnotherWriterIsTriedAgain() throws Exception {
        AtomicInteger conflicts = new AtomicInteger(2);
        server.pod("plant", "plc", "u1", Map.of());
        server.mood(request -> request.method().equals("PATCH") && conflicts.getAndDecrement() > 0
                ? Reply.status(409, "the object has been modified")
                : null);
        try (Cluster cluster = connect(LONG)) {
            cluster.networkStatus(POD, "[]");
        }
        assertEquals(3, server.requests("PATCH", PLC + "/status").size());
        assertEquals(List.of(), log.lines());
    }

    @Test
    void networkStatusThatTheApiServerFindsInvalidIsAnError() throws Exception {
        server.pod("plant", "plc", "u1", Map.of());
        server.mood(request -> request.method().equals("PATCH") ? Reply.status(422, "annotations: Too long") : null);
        try (Cluster cluster = connect(LONG)) {
            String message = assertThrows(CniException.class, () -> cluster.networkStatus(POD, "[]"))
                    .getMessage();
            assertTrue(message.endsWith("HTTP 422: annotations: Too long"), message);
        }
        assertEquals(1, server.requests("PATCH", PLC + "/status").size());
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.kube;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tsncni.cni.Eventually;
import io.tsncni.cni.RecordedLog;
import io.tsncni.kube.ContraryApiServer.Reply;
import io.tsncni.kube.ContraryApiServer.Request;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Execution(ExecutionMode.CONCURRENT)
class EventsTest {
    /** For tests that read the log, which others of this class may write at the same time. */
    private static final String LOG = "log of Events";

    private static final PodInfo POD = new PodInfo("plant", "plc", "u1", Map.of());

    @RegisterExtension
    final RecordedLog log = new RecordedLog(Events.class);

    private ContraryApiServer server;

    @BeforeEach
    void start() throws Exception {
        server = ContraryApiServer.started();
        server.mood(request -> posted(request) ? new Reply(201, "{}") : null);
    }

    @AfterEach
    void close() {
        server.close();
    }

    private static boolean posted(Request request) {
        return request.is("POST", "/api/v1/namespaces/plant/events");
    }

    private List<Request> posts() {
        return server.requests().stream().filter(EventsTest::posted).toList();
    }

    private Cluster connect() throws Exception {
        return server.connect(Duration.ofSeconds(10), Optional.of("worker-1"));
    }

    @Test
    void anEventSaysWhatHappenedToWhichPodAndWhoSaysSo() throws Exception {
        try (Cluster cluster = connect()) {
            cluster.event(POD, EventType.WARNING, "NoNetworkFound", "cannot find it");
            Eventually.holds("posted", () -> !posts().isEmpty());
        }
        JsonNode event = new ObjectMapper().readTree(posts().get(0).body());
        assertEquals("plant", event.at("/metadata/namespace").asText());
        assertTrue(event.at("/metadata/name").asText().matches("plc\\.[0-9a-f]{16}"), event::toString);
        assertEquals("Warning", event.path("type").asText());
        assertEquals("NoNetworkFound", event.path("reason").asText());
        assertEquals("cannot find it", event.path("message").asText());
        assertEquals(
                "{\"component\":\"tsn-cni\",\"host\":\"worker-1\"}",
                event.path("source").toString());
        assertEquals(
                "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"namespace\":\"plant\",\"name\":\"plc\",\"uid\":\"u1\"}",
                event.path("involvedObject").toString());
        assertEquals(event.path("firstTimestamp"), event.path("lastTimestamp"));
        assertTrue(event.path("firstTimestamp").asText().matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ"));
    }

    @Test
    void whatIsTooLongIsCutToWhatAnApiServerTakes() throws Exception {
        try (Cluster cluster = connect()) {
            PodInfo pod = new PodInfo("plant", "p".repeat(253), "u1", Map.of());
            cluster.event(pod, EventType.NORMAL, "AddedInterface", "m".repeat(5000));
            Eventually.holds("posted", () -> !posts().isEmpty());
        }
        JsonNode event = new ObjectMapper().readTree(posts().get(0).body());
        assertEquals(253, event.at("/metadata/name").asText().length());
        assertEquals(1024, event.path("message").asText().length());
    }

    /** 409: an attempt whose answer was lost had made it. */
    @ParameterizedTest
    @ResourceLock(LOG)
    @ValueSource(ints = {201, 409})
    void anEventSurvivesAPassingFault(int code) throws Exception {
        AtomicInteger faults = new AtomicInteger(2);
        server.mood(request -> !posted(request)
                ? null
                : faults.getAndDecrement() > 0 ? Reply.status(503, "not now") : new Reply(code, "{}"));
        try (Cluster cluster = connect()) {
            cluster.event(POD, EventType.NORMAL, "AddedInterface", "net1");
            cluster.event(POD, EventType.NORMAL, "AddedInterface", "fence");
            Eventually.holds("posted again, and the fence", () -> posts().size() == 4);
        }
        assertEquals(2, posts().stream().map(Request::body).distinct().count());
        assertEquals(List.of(), log.lines());
    }

    @Test
    @ResourceLock(LOG)
    void anEventThatIsRefusedIsLoggedAndTheNextOneIsPosted() throws Exception {
        server.mood(request -> !posted(request)
                ? null
                : request.body().contains("\"message\":\"first\"")
                        ? Reply.status(403, "forbidden")
                        : new Reply(201, "{}"));
        try (Cluster cluster = connect()) {
            cluster.event(POD, EventType.NORMAL, "AddedInterface", "first");
            cluster.event(POD, EventType.NORMAL, "AddedInterface", "second");
            Eventually.holds("both are posted", () -> posts().size() == 2);
        }
        assertEquals(1, log.lines().size(), log.lines()::toString);
        assertTrue(log.lines().get(0).endsWith("HTTP 403: forbidden: first"), log.lines()::toString);
    }

    @Test
    @ResourceLock(LOG)
    void eventsWithoutRoomAreDroppedAndCountedAndNobodyWaits() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        server.mood(request -> {
            if (posted(request)) {
                goOn.await();
                return new Reply(201, "{}");
            }
            return null;
        });
        try (Cluster cluster = connect()) {
            cluster.event(POD, EventType.NORMAL, "AddedInterface", "the one under way");
            Eventually.holds("under way", () -> !posts().isEmpty());
            for (int i = 0; i < Events.ROOM + 7; i++) {
                cluster.event(POD, EventType.NORMAL, "AddedInterface", "net" + i);
            }
            assertEquals(List.of("WARNING events are dropped: 256 wait for the API server already"), log.lines());
            goOn.countDown();
            Eventually.holds("the others are posted", () -> posts().size() == 1 + Events.ROOM);
            Eventually.holds("counted", () -> log.lines().size() == 2);
        }
        assertEquals("WARNING 7 events were dropped", log.lines().get(1));
    }
}

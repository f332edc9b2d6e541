// SPDX-License-Identifier: Apache-2.0
package io.tsncni.kube;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tsncni.cni.CniErrorCode;
import io.tsncni.cni.CniException;
import io.tsncni.cni.Eventually;
import io.tsncni.cni.RecordedLog;
import io.tsncni.kube.ContraryApiServer.Reply;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How the informers start, and start again. */
@Isolated("the informers and threads of other tests would be in its logs and counts")
class InformerTest {
    private static final Duration BOUND = Duration.ofSeconds(10);
    private static final Optional<String> NODE = Optional.of("worker-1");

    @RegisterExtension
    final RecordedLog log = new RecordedLog(Informer.class);

    @RegisterExtension
    final RecordedLog start = new RecordedLog(Clusters.class);

    private ContraryApiServer server;

    @BeforeEach
    void start() throws Exception {
        server = ContraryApiServer.started();
    }

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void withANodeNameOnlyItsPodsAreListed() throws Exception {
        try (Cluster cluster = server.connect(BOUND, NODE)) {
            Eventually.holds("synced", cluster::isSynced);
        }
        assertEquals(Set.of("fieldSelector=spec.nodeName=worker-1"), selectors());
        assertEquals(List.of(), start.lines());
    }

    @Test
    void withoutANodeNameAllPodsAreListedAndTheLogSaysSo() throws Exception {
        try (Cluster cluster = server.connect(BOUND, Optional.empty())) {
            Eventually.holds("synced", cluster::isSynced);
        }
        assertEquals(Set.of(), selectors());
        assertEquals(
                List.of("WARNING the pods of every node are followed, in memory too; say --node-name"), start.lines());
    }

    private Set<String> selectors() {
        return server.requests("GET", ContraryApiServer.PODS).stream()
                .flatMap(request -> List.of(request.uri().getQuery().split("&")).stream())
                .filter(part -> part.startsWith("fieldSelector"))
                .collect(Collectors.toSet());
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 403, 429, 500, 503})
    void aFirstListThatFailsIsTriedUntilItWorksAndLoggedOnce(int code) throws Exception {
        AtomicInteger faults = new AtomicInteger(2);
        server.list(ContraryApiServer.PODS, ApiObjects.pod("plant", "plc", "u1", Map.of()));
        server.mood(request -> request.is("GET", ContraryApiServer.PODS) && faults.getAndDecrement() > 0
                ? Reply.status(code, "not now")
                : null);
        try (Cluster cluster = server.connect(BOUND, NODE)) {
            Eventually.holds("synced", cluster::isSynced);
            assertTrue(cluster.knownPod("plant", "plc").isPresent());
            Eventually.holds("said so", () -> log.lines().size() == 2);
        }
        assertTrue(faults.get() <= 0);
        assertTrue(log.lines().get(0).startsWith("WARNING cannot follow pods, and goes on trying: HTTP " + code));
        assertEquals("INFO follows pods now", log.lines().get(1));
    }

    @Test
    void withoutItsDefinitionThereAreNoNadsAndOnceItIsThereTheyAppear() throws Exception {
        AtomicBoolean defined = new AtomicBoolean();
        server.mood(request -> request.uri().getPath().startsWith("/apis/k8s.cni.cncf.io") && !defined.get()
                ? new Reply(404, "404 page not found\n")
                : null);
        try (Cluster cluster = server.connect(BOUND, NODE)) {
            cluster.awaitNads(BOUND);
            assertFalse(cluster.isSynced());
            assertEquals(List.of(), cluster.namespaceDefaults("plant"));
            assertEquals(Optional.empty(), cluster.nad("plant", "tsn-net"));
            Eventually.holds(
                    "tried again",
                    () -> server.requests("GET", ContraryApiServer.NADS).size() > 2);
            assertEquals(1, log.lines().size(), log.lines()::toString);

            server.list(
                    ContraryApiServer.NADS,
                    ApiObjects.nad(
                            "plant", "tsn-net", Map.of(NetworkAttachmentDefinition.NAMESPACE_DEFAULT, "true"), ""));
            defined.set(true);
            Eventually.holds("synced", cluster::isSynced);
            assertEquals("tsn-net", cluster.namespaceDefaults("plant").get(0).name());
        }
    }

    @Test
    void awaitNadsSaysWhatItWaitedFor() throws Exception {
        server.mood(request -> Reply.status(500, "etcd is away"));
        try (Cluster cluster = server.connect(BOUND, NODE)) {
            Eventually.holds("both lists have failed", () -> log.lines().size() == 2);
            CniException error = assertThrows(CniException.class, () -> cluster.awaitNads(Duration.ofMillis(20)));
            assertEquals(CniErrorCode.TRY_AGAIN_LATER, error.code());
            assertEquals(
                    "list of network-attachment-definitions: waited N s for the API server at " + server.address()
                            + "; last: HTTP 500: etcd is away",
                    error.getMessage().replaceFirst("waited [0-9.]+ s", "waited N s"));
        }
    }

    @Test
    void anApiServerThatIsAwayHoldsNothingUp() throws Exception {
        try (ContraryApiServer late = ContraryApiServer.notYetStarted();
                Cluster cluster = late.connect(BOUND, NODE)) {
            assertFalse(cluster.isSynced());
            assertEquals(Optional.empty(), cluster.knownPod("plant", "plc"));
            assertEquals(List.of(), cluster.namespaceDefaults("plant"));

            late.start();
            Eventually.holds("synced", cluster::isSynced);
        }
    }

    @Test
    void nothingRunsOnAfterClose() throws Exception {
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        Cluster cluster = server.connect(BOUND, NODE);
        Eventually.holds("synced", cluster::isSynced);
        assertTrue(ours(before).size() > 1, ours(before)::toString);

        cluster.close();

        Eventually.holds("all threads end", () -> ours(before).isEmpty());
    }

    private static List<String> ours(Set<Thread> before) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !before.contains(thread))
                .map(Thread::getName)
                // The test's own server, and a clean-up thread of the JDK.
                .filter(name -> !name.startsWith("contrary") && !name.startsWith("HTTP-Dispatcher"))
                .filter(name -> !name.startsWith("Common-Cleaner"))
                // Idle, daemons, and not ours to end: fabric8's only timer, and the JDK's selector until it is
                // collected.
                .filter(name -> !name.startsWith("CachedSingleThreadScheduler") && !name.endsWith("SelectorManager"))
                .toList();
    }
}

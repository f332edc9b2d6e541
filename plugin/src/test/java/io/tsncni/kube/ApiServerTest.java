// SPDX-License-Identifier: Apache-2.0
package io.tsncni.kube;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tsncni.cni.CniErrorCode;
import io.tsncni.cni.CniException;
import io.tsncni.cni.Eventually;
import io.tsncni.cni.RecordedLog;
import io.tsncni.kube.ContraryApiServer.Reply;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;

@Isolated("a busy machine has no answer within its bounds")
class ApiServerTest {
    @RegisterExtension
    final RecordedLog informers = new RecordedLog(Informer.class);

    @Test
    void anApiServerThatDoesNotListenRefusesTheConnection() throws Exception {
        try (ContraryApiServer server = ContraryApiServer.notYetStarted();
                Cluster cluster = server.connect(Duration.ofSeconds(1), Optional.of("worker-1"))) {
            Eventually.holds("said so", () -> informers
                    .lines()
                    .contains("WARNING cannot follow pods, and goes on trying: connection refused"));
            assertFalse(cluster.isSynced());
        }
    }

    @Test
    void aFaultThatStaysIsToldWithTheAddressAndTheLastAnswer() throws Exception {
        try (ContraryApiServer server = ContraryApiServer.started();
                Cluster cluster = server.connect(Duration.ofMillis(1500), Optional.of("worker-1"))) {
            server.mood(request -> Reply.status(503, "etcd has no leader"));
            // A first request is slow by itself, here and there.
            Eventually.holds("warm", () -> server.requests().size() > 2);
            CniException error = assertThrows(CniException.class, () -> cluster.pod("plant", "plc", Optional.empty()));

            assertEquals(CniErrorCode.TRY_AGAIN_LATER, error.code());
            String message = error.getMessage().replaceFirst("waited [0-9.]+ s", "waited N s");
            assertEquals(
                    "pod plant/plc: waited N s for the API server at " + server.address()
                            + "; last: HTTP 503: etcd has no leader",
                    message);
        }
    }

    @Test
    void aChannelThatIsClosedLaterIsNoRefusal() {
        assertEquals(
                "ClosedChannelException",
                ApiServer.reason(new IOException("on purpose", new ClosedChannelException())));
        assertEquals("ConnectException: no route", ApiServer.reason(new IOException(new ConnectException("no route"))));
    }
}

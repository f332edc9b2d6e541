// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tsncni.linux.libbpf.BpfMap;
import io.tsncni.testbed.Artifacts;
import io.tsncni.testbed.Node;
import io.tsncni.testbed.Pod;
import io.tsncni.testbed.Qdisc;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What a scrape does when others are in its way. */
@RequiresRoot
class MetricsScrapeIT {
    /** As somebody's hand in the BPF file system would make it. */
    @Test
    void aMapThatCannotBeReadIsCountedAndTheRestIsShown() throws IOException {
        try (Node node = Nodes.started()) {
            Pod pod = MetricsIT.plc(node);
            Path counters =
                    node.agent().bpffs().resolve("tsn/nics/" + node.nic().name() + "/counters");
            Files.delete(counters);
            try (BpfMap other = BpfMap.createSingle("other", 4)) {
                other.pin(counters);
            }
            for (int scrape = 1; scrape <= 2; scrape++) {
                Scrape after = Scrape.of(node.agent().listen());
                assertEquals(scrape, after.value("tsn_scrape_errors_total", Map.of("of", "restorer")));
                assertEquals(0, after.value("tsn_scrape_errors_total", Map.of("of", "saver")));
                assertFalse(after.has(
                        "tsn_restorer_rejected_packets_total",
                        Map.of("nic", node.nic().name())));
                assertTrue(after.value("tsn_saver_packets_total", MetricsIT.labels(pod, "priority", "0")) > 0);
            }
            // Gone is not unreadable: a DEL may be taking it away.
            Files.delete(counters);
            assertEquals(
                    2, Scrape.of(node.agent().listen()).value("tsn_scrape_errors_total", Map.of("of", "restorer")));
        }
    }

    @Test
    void scrapesAreWholeWhilePodsComeAndGo() throws Exception {
        try (Node node = Nodes.started();
                Threads scrapers = new Threads()) {
            AtomicBoolean over = new AtomicBoolean();
            Future<Integer> scrapes = scrapers.start(() -> {
                int done = 0;
                while (!over.get()) {
                    Scrape scrape = Scrape.of(node.agent().listen());
                    assertEquals(0, scrape.value("tsn_scrape_errors_total", Map.of("of", "saver")));
                    assertEquals(0, scrape.value("tsn_scrape_errors_total", Map.of("of", "restorer")));
                    done++;
                }
                return done;
            });
            for (int i = 0; i < 10; i++) {
                Pod pod = node.addPod("pod", node.tsnEntry());
                pod.runtime().check(pod.attachment());
                pod.del();
            }
            over.set(true);
            assertTrue(scrapes.get() > 0, "no scrape was over");
            assertEquals(
                    10,
                    Scrape.of(node.agent().listen())
                            .value("tsn_cni_requests_total", Map.of("command", "DEL", "code", "0")));
        }
    }

    private static final class Threads implements AutoCloseable {
        private final ExecutorService executor = Executors.newSingleThreadExecutor();

        private <T> Future<T> start(Callable<T> body) {
            return executor.submit(body);
        }

        @Override
        public void close() {
            executor.shutdownNow();
        }
    }

    /** Each takes a descriptor and memory of the process that pods need to start. */
    @Test
    void aCrowdOfConnectionsTakesNoMoreThanItsShare() throws IOException {
        String outside = "127.0.0.2:" + freePort();
        Node node = new Node(Artifacts.fromSystemProperties(), Qdisc.HTB);
        List<Socket> crowd = new ArrayList<>();
        try (node) {
            node.agent().with("TSN_METRICS_LISTEN", outside);
            node.agent().start();
            long before = descriptors(node);
            for (int i = 0; i < 300; i++) {
                crowd.add(new Socket("127.0.0.2", Integer.parseInt(outside.split(":")[1])));
            }
            assertEquals(200, Scrape.get(node.agent().listen(), "/healthz", "").statusCode());
            long during = descriptors(node);
            assertTrue(during < before + 100, before + " descriptors became " + during);
        } finally {
            for (Socket socket : crowd) {
                socket.close();
            }
        }
    }

    private static long descriptors(Node node) throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/" + node.agent().pid() + "/fd"))) {
            return open.count();
        }
    }

    @Test
    void theNodesAddressHasTheMetricsAloneAndSilentClientsThereStopNobody() throws IOException {
        String outside = "127.0.0.2:" + freePort();
        Node node = new Node(Artifacts.fromSystemProperties(), Qdisc.HTB);
        try (node) {
            node.agent().with("TSN_METRICS_LISTEN", outside);
            node.agent().start();
            Pod pod = MetricsIT.plc(node);
            assertTrue(Scrape.of(outside).value("tsn_saver_packets_total", MetricsIT.labels(pod, "priority", "0")) > 0);
            for (String path : new String[] {"/healthz", "/readyz", "/"}) {
                assertEquals(404, Scrape.get(outside, path, "").statusCode(), path);
            }
            HttpResponse<String> openMetrics = Scrape.get(outside, "/metrics", "application/openmetrics-text");
            assertTrue(openMetrics.body().endsWith("# EOF\n"), openMetrics.body());

            List<Socket> silent = new ArrayList<>();
            try {
                for (int i = 0; i < 8; i++) {
                    Socket socket = new Socket("127.0.0.2", Integer.parseInt(outside.split(":")[1]));
                    silent.add(socket);
                    socket.getOutputStream().write("GET /metrics".getBytes(StandardCharsets.US_ASCII));
                }
                assertEquals(
                        200, Scrape.get(node.agent().listen(), "/healthz", "").statusCode());
                Scrape.of(node.agent().listen());
                pod.runtime().check(pod.attachment());
                // They are cut off in turn.
                Scrape.of(outside);
            } finally {
                for (Socket socket : silent) {
                    socket.close();
                }
            }
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.2"))) {
            return probe.getLocalPort();
        }
    }
}

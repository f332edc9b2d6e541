// SPDX-License-Identifier: Apache-2.0
package io.tsncni;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.tsncni.metrics.MetricsPage;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * {@code /healthz}, for a supervisor that wants to know whether the process answers, {@code /readyz}: whether what it has
 * set up on this node is as it should be, and if not, why; and {@code /metrics}.
 */
final class Health {
    private static final System.Logger LOG = System.getLogger(Health.class.getName());

    private Health() {}

    /**
     * Answers from here on, until the process ends.
     *
     * @param where host:port, an IPv6 host in brackets
     * @param unready what keeps the node from being ready, a line each
     */
    static void serve(String where, Supplier<List<String>> unready, MetricsPage metrics) throws IOException {
        HttpServer server = listen("--listen", where);
        server.createContext("/healthz", exchange -> answer(exchange, 200, List.of("ok")));
        server.createContext("/readyz", exchange -> {
            List<String> lines = unready.get();
            answer(exchange, lines.isEmpty() ? 200 : 503, lines.isEmpty() ? List.of("ok") : lines);
        });
        server.createContext("/metrics", exchange -> metrics(exchange, metrics));
        server.start();
    }

    /** With threads of its own: what comes in from the network cannot keep a supervisor from its answer. */
    static void serveMetrics(String where, MetricsPage metrics) throws IOException {
        HttpServer server = listen("--metrics-listen", where);
        server.createContext("/metrics", exchange -> metrics(exchange, metrics));
        server.start();
    }

    private static HttpServer listen(String option, String where) throws IOException {
        int colon = where.lastIndexOf(':');
        try {
            String host = where.substring(0, colon).replaceAll("^\\[|]$", "");
            InetSocketAddress address = new InetSocketAddress(host, Integer.parseInt(where.substring(colon + 1)));
            HttpServer server = HttpServer.create(address, 0);
            // Several, so that nobody who connects and says nothing keeps the others from an answer.
            server.setExecutor(Executors.newFixedThreadPool(4, Health::daemon));
            return server;
        } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
            throw new IOException(option + " " + where + " is not HOST:PORT", e);
        } catch (IOException e) {
            throw new IOException(option + " " + where + ": " + e.getMessage(), e);
        }
    }

    private static Thread daemon(Runnable body) {
        Thread thread = new Thread(body, "health");
        thread.setDaemon(true);
        return thread;
    }

    private static void metrics(HttpExchange exchange, MetricsPage metrics) throws IOException {
        if (!exchange.getRequestMethod().equals("GET")) {
            answer(exchange, 405, List.of("only GET"));
            return;
        }
        MetricsPage.Rendered page;
        try {
            String accept = exchange.getRequestHeaders().getFirst("Accept");
            page = metrics.render(accept == null ? "" : accept);
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "a defect of tsn-cni, please report it", e);
            answer(exchange, 500, List.of("a defect of tsn-cni: " + e));
            return;
        }
        answer(exchange, 200, page.contentType(), page.body());
    }

    private static void answer(HttpExchange exchange, int status, List<String> lines) throws IOException {
        answer(
                exchange,
                status,
                "text/plain; charset=utf-8",
                (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private static void answer(HttpExchange exchange, int status, String contentType, byte[] body) throws IOException {
        try (exchange) {
            exchange.getResponseHeaders().set("Content-Type", contentType);
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
        }
    }
}

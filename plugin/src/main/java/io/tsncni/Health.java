// SPDX-License-Identifier: Apache-2.0
package io.tsncni;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * {@code /healthz}, for a supervisor that wants to know whether the process answers, and {@code /readyz}: whether what it
 * has set up on this node is as it should be, and if not, why.
 */
final class Health {
    private Health() {}

    /**
     * Answers from here on, until the process ends.
     *
     * @param where host:port, an IPv6 host in brackets
     * @param unready what keeps the node from being ready, a line each
     */
    static void serve(String where, Supplier<List<String>> unready) throws IOException {
        int colon = where.lastIndexOf(':');
        try {
            String host = where.substring(0, colon).replaceAll("^\\[|]$", "");
            InetSocketAddress address = new InetSocketAddress(host, Integer.parseInt(where.substring(colon + 1)));
            HttpServer server = HttpServer.create(address, 0);
            // Several, so that nobody who connects and says nothing keeps the others from an answer.
            server.setExecutor(Executors.newFixedThreadPool(4, Health::daemon));
            server.createContext("/healthz", exchange -> answer(exchange, 200, List.of("ok")));
            server.createContext("/readyz", exchange -> {
                List<String> lines = unready.get();
                answer(exchange, lines.isEmpty() ? 200 : 503, lines.isEmpty() ? List.of("ok") : lines);
            });
            server.start();
        } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
            throw new IOException("--listen " + where + " is not HOST:PORT", e);
        } catch (IOException e) {
            throw new IOException("--listen " + where + ": " + e.getMessage(), e);
        }
    }

    private static Thread daemon(Runnable body) {
        Thread thread = new Thread(body, "health");
        thread.setDaemon(true);
        return thread;
    }

    private static void answer(HttpExchange exchange, int status, List<String> lines) throws IOException {
        try (exchange) {
            byte[] body = (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

/** {@code /healthz}, for a supervisor that wants to know whether the process answers. */
final class Health {
    private static final byte[] OK = "ok\n".getBytes(StandardCharsets.UTF_8);

    private Health() {}

    /**
     * Answers from here on, until the process ends.
     *
     * @param where host:port, an IPv6 host in brackets
     */
    static void serve(String where) throws IOException {
        int colon = where.lastIndexOf(':');
        try {
            String host = where.substring(0, colon).replaceAll("^\\[|]$", "");
            InetSocketAddress address = new InetSocketAddress(host, Integer.parseInt(where.substring(colon + 1)));
            HttpServer server = HttpServer.create(address, 0);
            server.createContext("/healthz", exchange -> {
                try (exchange) {
                    exchange.sendResponseHeaders(200, OK.length);
                    exchange.getResponseBody().write(OK);
                }
            });
            server.start();
        } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
            throw new IOException("--listen " + where + " is not HOST:PORT", e);
        } catch (IOException e) {
            throw new IOException("--listen " + where + ": " + e.getMessage(), e);
        }
    }
}

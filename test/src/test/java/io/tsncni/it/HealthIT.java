// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tsncni.testbed.Node;
import io.tsncni.testbed.Shell;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.Test;

@RequiresRoot
class HealthIT {
    record Answer(int status, String body) {}

    static Answer get(Node node, String path) {
        return get(node.agent().listen(), path);
    }

    static Answer get(String address, String path) {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create("http://" + address + path)).build();
        try {
            HttpResponse<String> response =
                    HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
            return new Answer(response.statusCode(), response.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void healthzAnswersWhileTheAgentServes() {
        try (Node node = Nodes.started()) {
            assertEquals(new Answer(200, "ok\n"), get(node, "/healthz"));
        }
    }

    @Test
    void readyzSaysWhichNicHasNoRestorer() {
        try (Node node = Nodes.started()) {
            assertEquals(new Answer(200, "ok\n"), get(node, "/readyz"));
            node.addPod("pod", node.tsnEntry());
            assertEquals(new Answer(200, "ok\n"), get(node, "/readyz"));

            String nic = node.nic().name();
            rename(nic, nic + "x");
            Answer away = new Answer(503, "restorer of " + nic + ": waiting for the NIC\n");
            Eventually.assertTrue(
                    Duration.ofSeconds(5), () -> get(node, "/readyz").equals(away), "not " + away);
            assertEquals(new Answer(200, "ok\n"), get(node, "/healthz"), "no reason to start the agent anew");

            rename(nic + "x", nic);
            Answer ready = new Answer(200, "ok\n");
            Eventually.assertTrue(
                    Duration.ofSeconds(5), () -> get(node, "/readyz").equals(ready), "not " + ready);
        }
    }

    private static void rename(String from, String to) {
        Shell.run("ip", "link", "set", from, "down");
        Shell.run("ip", "link", "set", from, "name", to);
        Shell.run("ip", "link", "set", to, "up");
    }
}

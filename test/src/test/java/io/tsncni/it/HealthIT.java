// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tsncni.testbed.Node;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;

@RequiresRoot
class HealthIT {
    @Test
    void healthzAnswersWhileTheAgentServes() throws Exception {
        try (Node node = Nodes.started()) {
            URI healthz = URI.create("http://" + node.agent().listen() + "/healthz");
            HttpResponse<String> response = HttpClient.newHttpClient()
                    .send(HttpRequest.newBuilder(healthz).build(), HttpResponse.BodyHandlers.ofString());
            assertEquals(200, response.statusCode());
            assertEquals("ok\n", response.body());
        }
    }
}

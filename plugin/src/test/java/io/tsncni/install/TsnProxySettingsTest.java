// SPDX-License-Identifier: Apache-2.0
package io.tsncni.install;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class TsnProxySettingsTest {
    private static JsonNode configMap(String data) throws IOException {
        return new ObjectMapper()
                .readTree(("{'kind': 'ConfigMap', 'metadata': {'name': 'tsn-config'}, 'data': " + data + "}")
                        .replace('\'', '"'));
    }

    private static String printed(String data) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new TsnProxySettings(configMap(data)).print(new PrintStream(out, true, StandardCharsets.UTF_8));
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void theNicBecomesTheEgressAndPrioritiesOver15StayWhatTheyAre() throws IOException {
        assertEquals(
                """
                # Values of the chart:
                chain:
                  enabled: true
                  entry: {"egress":"eth0","unmapped":"keep"}
                # Or tsnd.json, without Kubernetes:
                # {"install":{"chain":true,"entry":{"egress":"eth0","unmapped":"keep"}}}
                """,
                printed("{'TSN_IFNAME': 'eth0', 'TSN_INGRESS_OR_EGRESS': 'egress'}"));
    }

    @Test
    void whatCannotBeTranslatedIsSaid() throws IOException {
        String ingress = printed("{'TSN_IFNAME': 'br0', 'TSN_INGRESS_OR_EGRESS': 'ingress'}");
        assertTrue(ingress.startsWith("# TSN_INGRESS_OR_EGRESS is ingress, which tsn-cni has no word for"), ingress);
        assertTrue(ingress.contains("Is br0 the NIC"), ingress);
        String none = printed("{'TSN_IFNAME': '', 'TSN_INGRESS_OR_EGRESS': ''}");
        assertTrue(none.startsWith("# No TSN_IFNAME"), none);
        assertTrue(none.contains("entry: {\"egress\":\"NIC\""), none);
    }

    @Test
    void anotherConfigMapIsRefused() {
        IOException refusal =
                assertThrows(IOException.class, () -> new TsnProxySettings(configMap("{'tsnd.json': '{}'}")));
        assertTrue(refusal.getMessage().contains("has neither TSN_IFNAME nor"), refusal.getMessage());
    }
}

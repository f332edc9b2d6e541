// SPDX-License-Identifier: Apache-2.0
package io.tsncni.install;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintStream;
import java.util.Optional;

/**
 * What tsn-proxy is told, and what tsn-cni is to be told for the same: every priority as the application gave it, any number
 * that it may be.
 *
 * @param nic TSN_IFNAME, or tsnIfname of an entry
 * @param hook TSN_INGRESS_OR_EGRESS, or tsnIngressOrEgress
 */
public record TsnProxySettings(Optional<String> nic, Optional<String> hook) {
    private static final String NIC = "TSN_IFNAME";
    private static final String HOOK = "TSN_INGRESS_OR_EGRESS";

    /** @param configMap a Kubernetes object */
    public TsnProxySettings(JsonNode configMap) throws IOException {
        this(value(configMap, NIC), value(configMap, HOOK));
        if (!configMap.path("data").has(NIC) && !configMap.path("data").has(HOOK)) {
            throw new IOException("ConfigMap " + configMap.at("/metadata/name").asText() + ": has neither " + NIC
                    + " nor " + HOOK + " in its data, so it is not tsn-proxy's; that is called tsn-config");
        }
    }

    private static Optional<String> value(JsonNode configMap, String key) {
        return Optional.of(configMap.path("data").path(key).asText().strip()).filter(value -> !value.isEmpty());
    }

    /** Of the agent: tsnd.json. */
    public ObjectNode settings() {
        ObjectNode settings = JsonNodeFactory.instance.objectNode();
        settings.putObject("install").put("chain", true).set("entry", entry());
        return settings;
    }

    private ObjectNode entry() {
        ObjectNode entry = JsonNodeFactory.instance.objectNode();
        nic.ifPresentOrElse(name -> entry.put("egress", name), () -> entry.put("egress", "NIC"));
        return entry.put("unmapped", "keep");
    }

    public void print(PrintStream out) {
        if (nic.isEmpty()) {
            out.println("# No " + NIC
                    + ": tsn-proxy restored at each pod's host-side device. tsn-cni does it at the NIC whose"
                    + " qdisc is to see the priorities: put its name in the place of NIC.");
        }
        if (hook.isPresent() && !hook.get().equals("egress")) {
            out.println("# " + HOOK + " is " + hook.get()
                    + ", which tsn-cni has no word for: it restores where packets leave. Is " + nic.orElse("NIC")
                    + " the NIC whose qdisc is to see the priorities? Else name that one.");
        }
        out.println("# Values of the chart:");
        out.println("chain:");
        out.println("  enabled: true");
        out.println("  entry: " + entry());
        out.println("# Or tsnd.json, without Kubernetes:");
        out.println("# " + settings());
    }
}

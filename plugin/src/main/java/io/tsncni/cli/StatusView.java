// SPDX-License-Identifier: Apache-2.0
package io.tsncni.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** The agent's status as text for people. */
final class StatusView {
    private StatusView() {}

    static String status(JsonNode status) {
        JsonNode kernel = status.path("kernel");
        return "carrier " + status.path("carrier").asText() + ", kernel "
                + kernel.path("release").asText() + " (tcx "
                + (kernel.path("tcx").asBoolean() ? "yes" : "no") + "; launch times that reach the NIC by themselves: "
                + (kernel.path("keepsTxtime").isEmpty() ? "none" : texts(kernel.path("keepsTxtime"))) + ")\n\n"
                + nics(status.path("nics")) + "\n" + attachments(status.path("attachments"))
                + line("waiting for TSN: ", status.path("waitingForTsn"))
                + line("started too early for TSN, start them anew: ", status.path("podsWithoutTsn"))
                + tsnProxy(status.path("tsnProxy"));
    }

    private static String line(String what, JsonNode names) {
        return names.isEmpty() ? "" : "\n" + what + texts(names) + "\n";
    }

    private static String tsnProxy(JsonNode found) {
        if (found.isEmpty()) {
            return "";
        }
        return StreamSupport.stream(found.spliterator(), false)
                .map(line -> "  " + line.asText() + "\n")
                .collect(Collectors.joining(
                        "", "\ntsn-proxy is on this node, too; to replace it: tsnd migrate tsn-proxy --replace\n", ""));
    }

    private static String nics(JsonNode nics) {
        if (nics.isEmpty()) {
            return "no egress NIC in use\n";
        }
        Table table = new Table(
                "NIC",
                "RESTORER",
                "QDISCS",
                "UNSTAMPED",
                "RESTORED (priority: packets)",
                "TXTIME",
                "FORWARDED",
                "LOCAL",
                "REJECTED",
                "STALE");
        for (JsonNode nic : nics) {
            JsonNode counters = nic.path("counters");
            table.row(
                    nic.path("name").asText(),
                    nic.path("restorer").asText(),
                    nic.path("qdiscs").asText("-"),
                    nic.path("unstamped").asText() + (nic.path("trustHash").asBoolean() ? ", trustHash" : ""),
                    traffic(counters.path("restored")),
                    txtime(counters),
                    counters.path("unstampedForwarded").asLong(),
                    counters.path("unstampedLocal").asLong(),
                    counters.path("rejected").asLong(),
                    counters.path("stale").asLong());
        }
        return table.toString();
    }

    /** Only what there is. */
    private static String txtime(JsonNode counters) {
        String found = Stream.of("Restored", "Converted", "Cleared")
                .filter(what -> counters.path("txtime" + what).asLong() > 0)
                .map(what -> what.toLowerCase(Locale.ROOT) + ":"
                        + counters.path("txtime" + what).asLong())
                .collect(Collectors.joining(" "));
        return found.isEmpty() ? "-" : found;
    }

    private static String attachments(JsonNode attachments) {
        if (attachments.isEmpty()) {
            return "no attachments\n";
        }
        Table table = new Table(
                "CONTAINER",
                "POD",
                "INTERFACE",
                "NETWORK",
                "NETNS",
                "EGRESS",
                "SAVER",
                "POLICY",
                "SENT (priority: packets)",
                "DROPPED");
        for (JsonNode attachment : attachments) {
            table.row(
                    abbreviated(attachment.path("containerId").asText()),
                    attachment.path("pod").asText("-"),
                    interfaces(attachment),
                    attachment.path("network").asText(),
                    attachment.path("netns").asText("-"),
                    attachment.has("egress") ? texts(attachment.path("egress")) : "-",
                    saver(attachment),
                    attachment.has("policy") ? policy(attachment.path("policy")) : "-",
                    traffic(attachment.path("counters").path("to")),
                    sum(attachment.path("counters").path("dropped")));
        }
        return table.toString();
    }

    /** That of the saver; in parentheses those that other plugins made for us. */
    private static String interfaces(JsonNode attachment) {
        String made = StreamSupport.stream(attachment.path("delegates").spliterator(), false)
                .map(network -> network.path("interface").asText())
                .collect(Collectors.joining(","));
        return attachment.path("interface").asText("-") + (made.isEmpty() ? "" : " (" + made + ")");
    }

    private static String saver(JsonNode attachment) {
        if (!attachment.has("saver")) {
            return attachment.path("phase").asText("-");
        }
        return attachment.path("saver").asText() + " ("
                + attachment.path("carrier").asText()
                + (attachment.path("mode").asText().equals("direct") ? ", direct" : "")
                + (attachment.has("overriddenBy") ? ", overridden" : "")
                + (attachment.has("overrides") ? ", overriding" : "") + ")";
    }

    /** One attachment in full, by priority. */
    static String counters(JsonNode attachment) {
        JsonNode counters = attachment.path("counters");
        Table table = new Table("PRIORITY", "FROM POD", "DROPPED", "TO NIC", "BYTES");
        for (int priority = 0; priority <= 16; priority++) {
            String name = priority == 16 ? "other" : Integer.toString(priority);
            JsonNode to = counters.path("to").path(name);
            long from = counters.path("from").path(name).asLong();
            if (from > 0 || !to.isMissingNode()) {
                table.row(
                        name,
                        from,
                        counters.path("dropped").path(name).asLong(),
                        to.path("packets").asLong(),
                        to.path("bytes").asLong());
            }
        }
        return table.toString();
    }

    private static String policy(JsonNode policy) {
        String map = policy.has("priorityMap")
                ? policy.path("priorityMap").properties().stream()
                        .map(entry -> entry.getKey() + "→" + entry.getValue().asText())
                        .collect(Collectors.joining(" "))
                : "0-15 unchanged";
        boolean all = policy.path("priorityMap").has("*");
        return map
                + (all ? "" : ", else " + policy.path("unmapped").asText("zero"))
                + (policy.path("txtime").asText().equals("clear") ? ", txtime cleared" : "");
    }

    private static String traffic(JsonNode byPriority) {
        return byPriority.isEmpty()
                ? "-"
                : byPriority.properties().stream()
                        .map(entry -> entry.getKey() + ":"
                                + entry.getValue().path("packets").asLong())
                        .collect(Collectors.joining(" "));
    }

    private static String texts(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false)
                .map(JsonNode::asText)
                .collect(Collectors.joining(","));
    }

    private static long sum(JsonNode byPriority) {
        return byPriority.properties().stream()
                .map(Map.Entry::getValue)
                .mapToLong(JsonNode::asLong)
                .sum();
    }

    private static String abbreviated(String containerId) {
        return containerId.length() <= 13 ? containerId : containerId.substring(0, 12) + "…";
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class StatusViewTest {
    private static final String STATUS =
            """
            {"carrier": "tcx", "kernel": {"release": "6.12.1", "tcx": true, "keepsTxtime": ["MONOTONIC", "TAI"]},
             "nics": [
              {"name": "tsn0", "restorer": "attached", "ifIndex": 3, "unstamped": "zero", "trustHash": false,
               "qdiscs": "mqprio, fq",
               "counters": {"restored": {"0": {"packets": 7, "bytes": 700}, "5": {"packets": 1200, "bytes": 98765}},
                            "unstampedForwarded": 44, "unstampedLocal": 5, "rejected": 6, "stale": 2,
                            "txtimeRestored": 12, "txtimeConverted": 0, "txtimeCleared": 3}},
              {"name": "tsn1", "restorer": "waiting for the NIC", "unstamped": "keep", "trustHash": true}],
             "attachments": [
              {"containerId": "0a1b2c3d4e5f60718293a4b5c6d7e8f9", "ifName": "eth0", "network": "plant",
               "interface": "eth0", "ifIndex": 2, "peerIfIndex": 17, "netns": "/run/netns/a",
               "pod": "plant/plc-0",
               "delegates": [{"network": "cluster", "interface": "eth0"}, {"network": "plant/b", "interface": "net1"}],
               "netnsInode": 4026532999, "carrier": "tcx", "mode": "stamp", "saver": "attached",
               "egress": ["tsn0", "tsn1"], "policy": {"egress": "tsn0", "priorityMap": {"3": 5, "7": "drop"}},
               "counters": {"to": {"0": {"packets": 3, "bytes": 300}, "5": {"packets": 1200, "bytes": 98765},
                                   "other": {"packets": 1, "bytes": 60}},
                            "from": {"3": 1200, "4": 8, "other": 2}, "dropped": {"4": 8, "other": 2}}},
              {"containerId": "pod-of-13-chr", "ifName": "net1", "network": "office", "interface": "net1",
               "netns": "/proc/7/ns/net", "carrier": "clsact", "mode": "direct", "saver": "attached-unseen",
               "egress": ["tsn0"], "policy": {"unmapped": "keep"}}]}
            """;

    private static JsonNode json(String text) throws IOException {
        return new ObjectMapper().readTree(text);
    }

    /** One line a row, its cells between bars: TableTest looks at the widths. */
    private static String cells(String view) {
        return view.replaceAll("(?<=\\S) {2,}", "|");
    }

    @Test
    void statusShowsNicsAndAttachmentsWithTheirCounters() throws IOException {
        assertEquals(
                """
                carrier tcx, kernel 6.12.1 (tcx yes; launch times that reach the NIC by themselves: MONOTONIC,TAI)

                NIC|RESTORER|QDISCS|UNSTAMPED|RESTORED (priority: packets)|TXTIME|FORWARDED|LOCAL|REJECTED|STALE
                tsn0|attached|mqprio, fq|zero|0:7 5:1200|restored:12 cleared:3|44|5|6|2
                tsn1|waiting for the NIC|-|keep, trustHash|-|-|0|0|0|0

                CONTAINER|POD|INTERFACE|NETWORK|NETNS|EGRESS|SAVER|POLICY|SENT (priority: packets)|DROPPED
                0a1b2c3d4e5f\u2026|plant/plc-0|eth0 (eth0,net1)|plant|/run/netns/a|tsn0,tsn1|attached (tcx)|3\u21925 7\u2192drop, else zero|\
                0:3 5:1200 other:1|10
                pod-of-13-chr|-|net1|office|/proc/7/ns/net|tsn0|attached-unseen (clsact, direct)|\
                0-15 unchanged, else keep|-|0
                """,
                cells(StatusView.status(json(STATUS))));
    }

    @Test
    void anAgentWithNothingToDoSaysSo() throws IOException {
        String expected =
                "carrier clsact, kernel 6.1.0 (tcx no; launch times that reach the NIC by themselves: none)\n\nno egress NIC in use\n\nno attachments\n";
        assertEquals(
                expected,
                StatusView.status(
                        json("{\"carrier\": \"clsact\", \"kernel\": {\"release\": \"6.1.0\", \"tcx\": false}}")));
    }

    @Test
    void whatTsnProxyHasOnTheNodeIsTheLastThing() throws IOException {
        String view =
                StatusView.status(json("{\"tsnProxy\": [\"eth0, tcx egress: program 7\", \"/bin/tsn: its script\"]}"));
        assertTrue(
                view.endsWith(
                        """
                        no attachments

                        tsn-proxy is on this node, too; to replace it: tsnd migrate tsn-proxy --replace
                          eth0, tcx egress: program 7
                          /bin/tsn: its script
                        """),
                view);
    }

    @Test
    void countersOfOneAttachmentAreByPriority() throws IOException {
        assertEquals(
                """
                PRIORITY|FROM POD|DROPPED|TO NIC|BYTES
                0|0|0|3|300
                3|1200|0|0|0
                4|8|8|0|0
                5|0|0|1200|98765
                other|2|2|1|60
                """,
                cells(StatusView.counters(json(STATUS).path("attachments").get(0))));
    }

    @Test
    void anAttachmentWithoutTrafficHasNoLines() throws IOException {
        assertEquals(
                "PRIORITY  FROM POD  DROPPED  TO NIC  BYTES\n",
                StatusView.counters(json(STATUS).path("attachments").get(1)));
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tsncni.testbed.Artifacts;
import io.tsncni.testbed.Background;
import io.tsncni.testbed.EgressNic;
import io.tsncni.testbed.Node;
import io.tsncni.testbed.Pod;
import io.tsncni.testbed.Qdisc;
import io.tsncni.testbed.Seen;
import io.tsncni.testbed.Sent;
import io.tsncni.testbed.Talker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Nodes with a running agent, and what tests say to them over and over. */
final class Nodes {
    static final ObjectMapper JSON = new ObjectMapper();

    private static final String NO_TCX = "no tcx: it came with Linux 6.6, and TSN_FORCE=clsact leaves it unused";

    /** What this kernel's first agent said: a test that tcx is missing for need not build a node to learn it again. */
    private static volatile boolean lacksTcx;

    private Nodes() {}

    /** A node whose agent runs with the kernel's own choice of carrier. */
    static Node started() {
        return started("");
    }

    /** @param features "tcx" (skips without it), what TSN_FORCE takes, or "" for the kernel's choice */
    static Node started(String features) {
        return started(features, Qdisc.HTB);
    }

    static Node started(String features, Qdisc qdisc) {
        assumeTrue(!lacksTcx || !features.equals("tcx"), NO_TCX);
        return started(features, new Node(Artifacts.fromSystemProperties(), qdisc));
    }

    /** A node of other programs than those in dist/. */
    static Node started(Artifacts artifacts) {
        return started("", new Node(artifacts, Qdisc.HTB));
    }

    private static Node started(String features, Node node) {
        try {
            if (!features.isEmpty() && !features.equals("tcx")) {
                node.agent().with("TSN_FORCE", features);
            }
            node.agent().start();
            if (features.equals("tcx")) {
                lacksTcx = !node.agent().status().path("carrier").asText().equals("tcx");
                assumeTrue(!lacksTcx, NO_TCX);
            }
            return node;
        } catch (RuntimeException e) {
            node.close();
            throw e;
        }
    }

    static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends UDP at a priority and waits until the talker is done. */
    static Sent udp(Talker talker, String to, int port, int priority, int count, String... more) {
        List<String> arguments = new ArrayList<>(List.of("udp", "--to", to, "--port", Integer.toString(port)));
        arguments.addAll(List.of("--priority", Integer.toString(priority), "--count", Integer.toString(count)));
        arguments.addAll(Arrays.asList(more));
        return talker.talk(arguments.toArray(String[]::new));
    }

    /** Sends UDP at priority 3 until it is stopped. */
    static Background endlessUdp(Pod pod, String to, int port, String... more) {
        List<String> arguments = new ArrayList<>(List.of("udp", "--to", to, "--port", Integer.toString(port)));
        arguments.addAll(List.of("--priority", "3", "--count", "0"));
        arguments.addAll(Arrays.asList(more));
        return pod.startTalking(arguments.toArray(String[]::new));
    }

    /** Stops an endless talker; what the NIC has seen once all of it is there, and no packet more. */
    static Seen allThatWasSent(Background talker, Node node, int port) {
        long sent = json(talker.stop().stdout()).path("sent").asLong();
        Eventually.assertTrue(
                Duration.ofSeconds(5),
                () -> node.nic().seen(port).total() >= sent,
                "fewer arrived than the " + sent + " that were sent: "
                        + node.nic().seen(port));
        Seen seen = node.nic().seen(port);
        assertEquals(sent, seen.total());
        return seen;
    }

    /** A port of a test's own, so that what one phase sent does not count for another. */
    static int port(int offset) {
        return EgressNic.FIRST_PORT + offset;
    }
}

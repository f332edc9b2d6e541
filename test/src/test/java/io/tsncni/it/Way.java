// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.testbed.EgressNic;
import io.tsncni.testbed.Node;
import io.tsncni.testbed.Pod;
import io.tsncni.testbed.Seen;
import io.tsncni.testbed.Shell;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** One way from a pod to the NIC, and that every packet keeps on it what the application asked for. */
final class Way {
    static final int COUNT = 100;
    /** A priority, what the policy makes of it, and what IP_TOS 16 would: rt_tos2priority(). */
    static final int ASKED = 3;

    static final int MAPPED = 5;

    private static final JsonNode MAP = Nodes.json("{\"3\": 5, \"*\": 0}");

    /** A node has ports enough for a test; the counts of one way are not those of another. */
    private static final AtomicInteger PORT = new AtomicInteger();

    private final Node node;
    private final Pod pod;
    private final String to;
    private final EgressNic nic;

    private Way(Node node, Pod pod, String to, EgressNic nic) {
        this.node = node;
        this.pod = pod;
        this.to = to;
        this.nic = nic;
    }

    /** To the world behind the node's NIC. */
    static Way of(Node node, Pod pod) {
        return new Way(node, pod, node.nic().address(), node.nic());
    }

    Way to(String address) {
        return new Way(node, pod, address, nic);
    }

    Way seenBy(EgressNic other) {
        return new Way(node, pod, to, other);
    }

    static ObjectNode entry(Node node) {
        return node.tsnEntry(MAP);
    }

    /** Plain and fragmented datagrams, those cut by the NIC, TCP; launch times. */
    void keepsAll(String what) {
        pod.warmUp(nic, to);
        keepsPriority(what);
        keepsLaunchTime(what);
        keepsFragments(what);
        keepsSegments(what);
    }

    Seen keepsPriority(String what) {
        // A priority that forwarding would make 6 of, and one that the policy takes away.
        Seen seen = only(what, MAPPED, send(COUNT, ASKED, "--tos", "16"));
        only(what + ", priority 4", 0, send(COUNT, 4, "--tos", "16"));
        return seen;
    }

    void keepsLaunchTime(String what) {
        Seen seen = only(what + ", with a launch time", MAPPED, send(COUNT, ASKED, "--txtime", "tai"));
        assertEquals(COUNT, seen.rightTstamps(), () -> what + ": launch times of " + seen);
    }

    private void keepsFragments(String what) {
        Seen before = nic.observer().laterFragments();
        Seen seen = only(what + ", first fragments", MAPPED, send(COUNT, ASKED, "--size", "4000", "--txtime", "tai"));
        assertEquals(COUNT, seen.rightTstamps(), () -> what + ": launch times of fragments of " + seen);
        Seen later = nic.observer().laterFragments().since(before);
        assertEquals(2 * COUNT, later.at(MAPPED), () -> what + ": later fragments: " + later);
        assertEquals(2 * COUNT, later.total(), () -> what + ": later fragments: " + later);
    }

    private void keepsSegments(String what) {
        only(what + ", UDP_SEGMENT", MAPPED, send(COUNT, ASKED, "--segment", "1000"));
        Seen tcp = tcp(300_000);
        assertEquals(tcp.total(), tcp.at(MAPPED), () -> what + ", TCP: " + tcp);
        assertTrue(tcp.total() >= 300_000 / 1448, () -> what + ", TCP: " + tcp);
    }

    Seen tcp(int bytes) {
        int port = nextPort();
        List<String> talk = List.of("tcp", "--to", to, "--port", Integer.toString(port), "--bytes");
        pod.talk(Stream.concat(talk.stream(), Stream.of(Integer.toString(bytes), "--priority", Integer.toString(ASKED)))
                .toArray(String[]::new));
        return nic.seen(port);
    }

    /** Sends and answers what the NIC's qdisc saw; queues on the way may have it later than we. */
    Seen send(int count, int priority, String... more) {
        int port = nextPort();
        Nodes.udp(pod, to, port, priority, count, more);
        Eventually.assertTrue(
                Duration.ofSeconds(5),
                () -> nic.seen(port).total() >= count,
                "%d packets to %s port %d have not all arrived".formatted(count, to, port));
        return nic.seen(port);
    }

    private static int nextPort() {
        return Nodes.port(PORT.incrementAndGet() % 1000);
    }

    static Seen only(String what, int priority, Seen seen) {
        assertEquals(COUNT, seen.at(priority), () -> what + ", at priority " + priority + ": " + seen);
        assertEquals(COUNT, seen.total(), () -> what + ": " + seen);
        return seen;
    }

    /** The node's end of the only pod's veth. */
    static String hostSide(Node node) {
        int index = node.agent().status().at("/attachments/0/peerIfIndex").asInt();
        for (JsonNode link : Nodes.json(Shell.run("ip", "-j", "link").stdout())) {
            if (link.path("ifindex").asInt() == index) {
                return link.path("ifname").asText();
            }
        }
        throw new IllegalStateException("no device has ifindex " + index);
    }

    /** Adds a device, or answers why this kernel cannot. */
    static String lacks(String... addLink) {
        Shell.Result result = Shell.of("ip", "link", "add").and(addLink).attempt();
        return result.exit() == 0 ? "" : result.stderr().strip();
    }
}

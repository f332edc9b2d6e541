// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tsncni.testbed.Artifacts;
import io.tsncni.testbed.CniFailure;
import io.tsncni.testbed.CniRuntime;
import io.tsncni.testbed.EgressNic;
import io.tsncni.testbed.Node;
import io.tsncni.testbed.Pod;
import io.tsncni.testbed.Qdisc;
import io.tsncni.testbed.Seen;
import io.tsncni.testbed.Sent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The testbed by itself: what other tests conclude from it must be the kernel's doing, not the testbed's. */
@RequiresRoot
class TestbedIT {
    private static final int PORT = EgressNic.FIRST_PORT;

    private Node node;
    private EgressNic nic;

    @BeforeEach
    void build() {
        node = new Node(Artifacts.fromSystemProperties(), Qdisc.best());
        nic = node.nic();
    }

    @AfterEach
    void tearDown() {
        node.close();
    }

    @Tag("kernel")
    @Test
    void aPodsPriorityIsLostWithoutUs() {
        Pod pod = node.addPod("pod");
        pod.warmUp(nic, nic.address());
        pod.warmUp(nic, nic.address6());
        assertEquals(1000, send(pod, nic.address(), PORT, "--priority", "5").packets());
        assertEquals(
                1000, send(pod, nic.address6(), PORT + 1, "--priority", "5").packets());
        assertEquals(1000, nic.seen(PORT).at(0));
        assertEquals(1000, nic.seen(PORT + 1).at(0));
    }

    @Test
    void aPodReachesClass6WithIpTos() {
        Pod pod = node.addPod("pod");
        pod.warmUp(nic, nic.address());
        send(pod, nic.address(), PORT, "--tos", "0x10");
        assertEquals(1000, nic.seen(PORT).at(6));
    }

    @Tag("kernel")
    @Test
    void theNodesOwnPacketsAreSeenWithTheirPriority() {
        long before = nic.classes().get(nic.qdisc().classOf(9));
        Sent sent = nodeSends("--segment", "500", "--priority", "9");
        Seen seen = nic.seen(PORT);
        assertEquals(sent.packets(), seen.at(9));
        assertEquals(sent.packets(), seen.total());
        assertTrue(seen.maxSegs() > 1, "no GSO in " + seen);
        assertEquals(0, seen.outOfOrder());
        assertEquals(999, seen.lastSeq());
        assertEquals(before + 1000, nic.classes().get(nic.qdisc().classOf(9)));
    }

    @Test
    void theNicComesBackUnderItsName() {
        nic.delete();
        assertFalse(Files.exists(Path.of("/sys/class/net", nic.name())));
        nic.create();
        nodeSends("--priority", "3");
        assertEquals(1000, nic.seen(PORT).at(3));
    }

    @Test
    void aPluginsErrorArrivesWithItsCode() {
        CniRuntime runtime = node.runtime(node.conflist("7.7.7"));
        CniFailure failure = assertThrows(CniFailure.class, () -> node.addPod("pod", runtime));
        assertEquals(1, failure.code());
        assertTrue(failure.raw().contains("incompatible CNI versions"), failure.raw());
    }

    private Sent nodeSends(String... options) {
        return node.talk(thousand(nic.address(), PORT, options));
    }

    private static Sent send(Pod pod, String to, int port, String... options) {
        return pod.talk(thousand(to, port, options));
    }

    private static String[] thousand(String to, int port, String... options) {
        Stream<String> fixed = Stream.of("udp", "--to", to, "--port", Integer.toString(port), "--count", "1000");
        return Stream.concat(fixed, Stream.of(options)).toArray(String[]::new);
    }
}

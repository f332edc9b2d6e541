// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.testbed.Node;
import io.tsncni.testbed.Pod;
import io.tsncni.testbed.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An agent that dies, and the one that comes after it. */
@RequiresRoot
class CrashIT {
    @Tag("kernel")
    @ParameterizedTest
    @ValueSource(strings = {"tcx", "clsact"})
    void saversAndRestorersWorkWhileTheAgentIsDeadAndAreTakenOverAfterwards(String carrier) {
        try (Node node = Nodes.started(carrier)) {
            Pod pod = node.addPod("pod", node.tsnEntry());
            pod.warmUp(node.nic(), node.nic().address());
            node.agent().kill();
            Nodes.udp(pod, node.nic().address(), Nodes.port(1), 6, 200);
            assertEquals(200, node.nic().seen(Nodes.port(1)).at(6));

            node.agent().start();
            JsonNode status = node.agent().status();
            assertEquals("attached", status.at("/nics/0/restorer").asText());
            assertTrue(status.at("/attachments/0/counters/to/6/packets").asLong() >= 200, status.toString());
            Nodes.udp(pod, node.nic().address(), Nodes.port(2), 6, 200);
            assertEquals(200, node.nic().seen(Nodes.port(2)).at(6));
            pod.runtime().check(pod.attachment());
            pod.del();
            Leftovers.assertNone(node);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcx", "clsact"})
    void anAddDuringWhichTheAgentIsKilledSucceedsOnceThereIsAnother(String carrier) throws Exception {
        Random random = new Random(4);
        try (Node node = Nodes.started(carrier)) {
            Pod pod = node.addPod("pod", node.runtime(node.conflist("1.0.0")));
            pod.warmUp(node.nic(), node.nic().address());
            for (int round = 0; round < 12; round++) {
                // 0 to 40 ms: before, within and after what an ADD takes
                int delay = random.nextInt(40);
                CompletableFuture<String> add = CompletableFuture.supplyAsync(
                        () -> pod.runtime().call("ADD", node.tsnEntry(), pod.attachment(), pod.result()));
                Thread.sleep(delay);
                node.agent().kill();
                node.agent().start();
                assertEquals(pod.result(), Nodes.json(add.get(20, TimeUnit.SECONDS)));

                Nodes.udp(pod, node.nic().address(), Nodes.port(round), 5, 20);
                assertEquals(20, node.nic().seen(Nodes.port(round)).at(5), "killed after " + delay + " ms");
                pod.runtime().call("DEL", node.tsnEntry(), pod.attachment(), pod.result());
                Leftovers.assertNone(node);
            }
        }
    }

    @Test
    void aRecordThatOnlySaysWhatWasIntendedIsUndoneAtStart() throws IOException {
        try (Node node = Nodes.started()) {
            Pod pod = node.addPod("pod", node.tsnEntry());
            node.agent().kill();
            rewrite(node, pod, "phase", "INTENDED");
            node.agent().start();
            Leftovers.assertNone(node);
        }
    }

    @Test
    void aRecordOfAnotherBootIsDroppedAtStart() throws IOException {
        try (Node node = Nodes.started()) {
            Pod pod = node.addPod("pod", node.tsnEntry());
            node.agent().kill();
            rewrite(node, pod, "bootId", "another");
            node.agent().start();
            Leftovers.assertNone(node);
        }
    }

    @Test
    void aPolicyThatGotNoFurtherThanTheRecordIsCarriedOutAtStart() throws IOException {
        try (Node node = Nodes.started()) {
            Pod pod = node.addPod("pod", node.tsnEntry(Nodes.json("{\"3\": 5}")));
            pod.warmUp(node.nic(), node.nic().address());
            node.agent().kill();
            Path file = record(node, pod);
            ObjectNode record = (ObjectNode) Nodes.JSON.readTree(file.toFile());
            ((ObjectNode) record.at("/saver/tsn/priorityMap")).put("3", 7);
            Files.writeString(file, record.toString());
            node.agent().start();
            Nodes.udp(pod, node.nic().address(), Nodes.port(1), 3, 50);
            assertEquals(50, node.nic().seen(Nodes.port(1)).at(7));
        }
    }

    @Test
    void aSaverThatADelHadHalfRemovedIsBackUntilTheDelComesAgain() {
        try (Node node = Nodes.started()) {
            Pod pod = node.addPod("pod", node.tsnEntry());
            node.agent().kill();
            // In this order, PinTree.remove takes the pins away.
            Path pins = node.agent()
                    .bpffs()
                    .resolve("tsn/savers/" + pod.attachment().containerId() + ":eth0");
            Shell.run("rm", "-f", pins + "/link", pins + "/program", pins + "/policy");
            node.agent().start();
            Eventually.assertTrue(
                    Duration.ofSeconds(10),
                    () -> node.agent()
                            .status()
                            .at("/attachments/0/saver")
                            .asText()
                            .equals("attached"),
                    "not back");
            pod.del();
            Leftovers.assertNone(node);
        }
    }

    @Test
    void aSpooledDelSparesWhatWasAttachedAfterIt() throws IOException {
        try (Node node = Nodes.started()) {
            Pod pod = node.addPod("pod", node.tsnEntry());
            node.agent().kill();
            pod.runtime().call("DEL", node.tsnEntry(), pod.attachment(), pod.result());
            Path spooled = node.agent()
                    .stateDir()
                    .resolve("spool/" + Leftovers.of(node).spooled().iterator().next());
            byte[] request = Files.readAllBytes(spooled);
            node.agent().start();
            Leftovers.assertNone(node);

            pod.runtime().call("ADD", node.tsnEntry(), pod.attachment(), pod.result());
            node.agent().kill();
            Files.write(spooled, request);
            node.agent().start();
            pod.runtime().check(pod.attachment());
            assertEquals(0, Leftovers.of(node).spooled().size());
        }
    }

    private static Path record(Node node, Pod pod) {
        return node.agent().stateDir().resolve("attachments/" + pod.attachment().containerId() + ":eth0.json");
    }

    private static void rewrite(Node node, Pod pod, String key, String value) throws IOException {
        Path file = record(node, pod);
        ObjectNode record = (ObjectNode) Nodes.JSON.readTree(file.toFile());
        Files.writeString(file, record.put(key, value).toString());
    }

    @Test
    void aDelThatFindsNoAgentIsCarriedOutByTheNextOne() {
        try (Node node = Nodes.started()) {
            Pod pod = node.addPod("pod", node.tsnEntry());
            node.agent().kill();
            pod.del();
            assertEquals(1, Leftovers.of(node).spooled().size());
            assertEquals(1, Leftovers.of(node).records().size());
            node.agent().start();
            Leftovers.assertNone(node);
        }
    }

    @Test
    void theAgentLeavesWithin2sOnSigtermAndSaysThatAllIsWell() {
        try (Node node = Nodes.started()) {
            node.addPod("pod", node.tsnEntry());
            long start = System.nanoTime();
            assertEquals(0, node.agent().stop().exit());
            assertTrue(System.nanoTime() - start < TimeUnit.SECONDS.toNanos(2), "took over 2 s");
        }
    }

    @Test
    void aLostSaverIsSaidAndANewAddMendsIt() {
        try (Node node = Nodes.started()) {
            Pod pod = node.addPod("pod", node.tsnEntry());
            Shell.run("rm", "-r", node.agent().bpffs().resolve("tsn/savers").toString());
            Shell.run("mkdir", node.agent().bpffs().resolve("tsn/savers").toString());
            assertEquals(
                    "lost", node.agent().status().at("/attachments/0/saver").asText());
            pod.runtime().call("ADD", node.tsnEntry(), pod.attachment(), pod.result());
            assertEquals(
                    "attached", node.agent().status().at("/attachments/0/saver").asText());
            pod.runtime().check(pod.attachment());
        }
    }
}

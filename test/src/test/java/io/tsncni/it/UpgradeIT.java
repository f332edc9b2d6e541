// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tsncni.testbed.Artifacts;
import io.tsncni.testbed.Background;
import io.tsncni.testbed.Node;
import io.tsncni.testbed.Pod;
import io.tsncni.testbed.Seen;
import io.tsncni.testbed.Shell;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Another version takes over from the one that runs, with programs that are not the same. */
@RequiresRoot
class UpgradeIT {
    @TempDir
    Path directory;

    /** There and back, in turn by SIGTERM and by SIGKILL, while packets flow and other pods start. */
    @ParameterizedTest
    @ValueSource(strings = {"tcx", "clsact", "slots"})
    void noPacketLosesItsPriorityAndNoAddFails(String way) throws Exception {
        try (Node node = Nodes.started(way)) {
            Artifacts[] versions = {node.artifacts().otherVersion(directory), node.artifacts()};
            Pod pod = node.addPod("pod", node.tsnEntry());
            pod.warmUp(node.nic(), node.nic().address());
            Background talker = Nodes.endlessUdp(pod, node.nic().address(), Nodes.port(1));
            AtomicBoolean upgrading = new AtomicBoolean(true);
            CompletableFuture<Integer> adds = CompletableFuture.supplyAsync(() -> {
                int added = 0;
                for (; upgrading.get(); added++) {
                    node.addPod("other" + added, node.tsnEntry()).del();
                }
                return added;
            });
            String nicProgram = tag(node, "nics", node.nic().name());
            for (int round = 0; round < 4; round++) {
                if (round % 2 == 0) {
                    assertEquals(0, node.agent().stop().exit(), node.agent().stderr());
                } else {
                    node.agent().kill();
                }
                node.agent().become(versions[round % 2]);
                node.agent().start();
                String before = nicProgram;
                nicProgram = tag(node, "nics", node.nic().name());
                assertNotEquals(before, nicProgram, "the restorer is still the other version's");
                Thread.sleep(500);
            }
            upgrading.set(false);
            assertTrue(adds.get(60, TimeUnit.SECONDS) > 0);

            Seen seen = Nodes.allThatWasSent(talker, node, Nodes.port(1));
            assertEquals(seen.total(), seen.at(3), seen.toString());
            JsonNode counters = node.agent().status().at("/attachments/0/counters/to/3/packets");
            assertTrue(counters.asLong() >= seen.total(), "the counters went on: " + counters);
            pod.del();
            Leftovers.assertNone(node);
        }
    }

    /** Only a saver that tcx holds: clsact's is in a namespace that the new agent was never handed. */
    @Test
    void aSaverIsReplacedToo() {
        try (Node node = Nodes.started("tcx")) {
            Pod pod = node.addPod("pod", node.tsnEntry());
            String saver = pod.attachment().containerId() + ":eth0";
            String before = tag(node, "savers", saver);
            node.agent().stop();
            node.agent().become(node.artifacts().otherVersion(directory));
            node.agent().start();
            Eventually.assertTrue(
                    Duration.ofSeconds(10),
                    () -> !tag(node, "savers", saver).equals(before),
                    "the saver is still the other version's");
            assertEquals(
                    "attached", node.agent().status().at("/attachments/0/saver").asText());
            pod.runtime().check(pod.attachment());
            pod.del();
            Leftovers.assertNone(node);
        }
    }

    @Test
    void pinsOfAnotherLayoutAreLeftAlone() {
        try (Node node = Nodes.started()) {
            Pod pod = node.addPod("pod", node.tsnEntry());
            pod.warmUp(node.nic(), node.nic().address());
            node.agent().stop();
            Path layout = node.agent().bpffs().resolve("tsn/layout");
            setLayout(layout, 2);
            assertThrows(RuntimeException.class, () -> node.agent().start());
            String said = node.agent().stderr();
            assertTrue(said.contains("layout 2") && said.contains("'tsnd uninstall'"), said);
            Nodes.udp(pod, node.nic().address(), Nodes.port(1), 6, 20);
            assertEquals(20, node.nic().seen(Nodes.port(1)).at(6));

            setLayout(layout, 1);
            node.agent().start();
            pod.del();
            Leftovers.assertNone(node);
        }
    }

    private static void setLayout(Path layout, int version) {
        Shell.run(
                "bpftool",
                "map",
                "update",
                "pinned",
                layout.toString(),
                "key",
                "0",
                "0",
                "0",
                "0",
                "value",
                Integer.toString(version),
                "0",
                "0",
                "0");
    }

    private static String tag(Node node, String kind, String name) {
        Path program =
                node.agent().bpffs().resolve("tsn").resolve(kind).resolve(name).resolve("program");
        return Nodes.json(Shell.run("bpftool", "-j", "prog", "show", "pinned", program.toString())
                        .stdout())
                .path("tag")
                .asText();
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.testbed.Node;
import io.tsncni.testbed.Pod;
import io.tsncni.testbed.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What agents have set up goes, and pods go on. Files of the host are InstallIT's. */
@RequiresRoot
class UninstallIT {
    @TempDir
    Path directory;

    private Shell uninstall(Node node, String... more) {
        return Shell.of(node.artifacts().tsnd())
                .and("uninstall")
                .and("--cni-bin-dir", directory.toString(), "--cni-conf-dir", directory.toString())
                .and(more)
                .with(node.agent().env());
    }

    /** Also what a killed agent left. */
    @ParameterizedTest
    @Tag("kernel")
    @ValueSource(strings = {"tcx", "clsact"})
    void noProgramNoPinAndNoRecordIsLeftAndPodsGoOn(String carrier) throws IOException {
        try (Node node = Nodes.started(carrier)) {
            Pod pod = node.addPod("pod", node.tsnEntry());
            node.addPod("other", node.tsnEntry());
            pod.warmUp(node.nic(), node.nic().address());
            Nodes.udp(pod, node.nic().address(), Nodes.port(1), 6, 20);
            assertEquals(20, node.nic().seen(Nodes.port(1)).at(6));
            List<Integer> programs = Leftovers.programIds(node);
            assertEquals(3, programs.size());
            node.agent().kill();

            Shell.Result result = uninstall(node).run();
            assertTrue(result.stdout().contains("removed 2 savers and 1 restorers"), result.stdout());
            assertFalse(Files.exists(node.agent().bpffs().resolve("tsn")));
            assertFalse(Files.exists(node.agent().stateDir()));
            assertFalse(Files.exists(node.agent().socket().getParent()));
            Leftovers.assertFreed(programs);
            Nodes.udp(pod, node.nic().address(), Nodes.port(2), 6, 20);
            assertEquals(20, node.nic().seen(Nodes.port(2)).at(0), "unstamped, and nobody restores");

            assertTrue(uninstall(node).run().stdout().contains("programs: none there"));
            node.agent().start();
            assertEquals(0, node.agent().status().path("attachments").size());
        }
    }

    /** Its link is something else, a record is of a newer version: what can go goes, and it is said what could not. */
    @Test
    void whatCannotBeTakenAwayKeepsNothingElse() throws IOException {
        try (Node node = Nodes.started("tcx")) {
            Pod bad = node.addPod("bad", node.tsnEntry());
            node.addPod("other", node.tsnEntry());
            List<Integer> programs = Leftovers.programIds(node);
            node.agent().kill();
            Path pins = node.agent()
                    .bpffs()
                    .resolve("tsn/savers/" + bad.attachment().containerId() + ":eth0");
            Files.delete(pins.resolve("link"));
            Shell.run("bpftool", "map", "pin", "pinned", pins + "/policy", pins + "/link");
            Path record = node.agent().stateDir().resolve("attachments/" + pins.getFileName() + ".json");
            Files.writeString(record, Files.readString(record).replaceFirst("\"version\": ?1", "\"version\":99"));

            Shell.Result refused = uninstall(node).attempt();
            assertEquals(1, refused.exit());
            assertTrue(refused.stderr().contains("version 99"), refused.stderr());
            Shell.Result forced = uninstall(node, "--force").attempt();
            assertEquals(1, forced.exit(), forced.toString());
            assertTrue(
                    forced.stderr().contains("some are still there; saver " + pins.getFileName() + ": "),
                    forced.stderr());
            assertTrue(
                    forced.stdout().contains("records: not read, so that filters in pods may stay"), forced.stdout());
            Leftovers.assertFreed(programs);
            assertEquals(0, uninstall(node, "--force").run().exit());
            assertFalse(Files.exists(node.agent().stateDir()));
        }
    }

    @Test
    void whileAnAgentRunsNothingIsTouched() {
        try (Node node = Nodes.started()) {
            Pod pod = node.addPod("pod", node.tsnEntry());
            Shell.Result refused = uninstall(node).attempt();
            assertEquals(1, refused.exit());
            assertTrue(refused.stderr().contains("stop it first"), refused.stderr());
            pod.runtime().check(pod.attachment());
        }
    }

    @Test
    void networksThatOnlyWeCanTakeAwayKeepUsFromIt() {
        try (Node node = Nodes.started()) {
            ObjectNode tsn = node.tsnEntry();
            tsn.set("delegate", node.bridgeEntry());
            ObjectNode conflist =
                    Nodes.JSON.createObjectNode().put("cniVersion", "1.0.0").put("name", "motion");
            conflist.putArray("plugins").add(tsn);
            Pod pod = node.addPod("pod", node.runtime(conflist));
            node.agent().stop();
            Shell.Result refused = uninstall(node).attempt();
            assertEquals(1, refused.exit());
            assertTrue(refused.stderr().contains("--force"), refused.stderr());
            node.agent().start();
            pod.del();
            Leftovers.assertNone(node);
        }
    }
}

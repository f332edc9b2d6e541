// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tsncni.linux.netlink.Link;
import io.tsncni.linux.netlink.RouteSocket;
import io.tsncni.testbed.Pod;
import io.tsncni.testbed.Shell;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.SortedMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** {@code tsnd migrate tsn-proxy}, with {@link TsnProxyStandIn} in the place of the real one. */
@RequiresRoot
class MigrateIT extends MigrateFixture {
    @Test
    void aDryRunSaysWhatIsThereAndChangesNothing() throws IOException {
        plant();
        SortedMap<String, Object> before = everything();
        Shell.Result shown = migrate().attempt();
        assertEquals(3, shown.exit(), shown.toString());
        assertNamesAll(shown.stdout());
        assertSays(shown.stdout(), "must not both be on a node");
        assertSays(shown.stdout(), "nothing was changed");
        assertEquals(before, everything());
    }

    @Test
    @Tag("kernel")
    void anAgentSaysWhatIsThereAndTheCommandReplacesIt() throws IOException {
        plant();
        Pod old = node.addPod("old");
        tsnProxy.attachSaver(old);
        old.warmUp(node.nic(), node.nic().address());
        assertEquals(20, seen(old, 1, 2), "the stand-in is not at work");
        SortedMap<String, Object> before = everything();

        node.agent().start();
        // Read by a thread of its own.
        Eventually.assertTrue(MOMENT, () -> node.agent().stderr().contains("--replace"), "the agent says nothing");
        assertNamesAll(node.agent().stderr());
        assertSays(node.agent().stderr(), "tsnd migrate tsn-proxy --replace");
        assertEquals(503, readyz().statusCode());
        assertSays(readyz().body(), "tsn-proxy is on this node, too");
        assertSays(readyz().body(), binDir.resolve("tsn") + " is tsn-proxy's script");
        assertNamesAll(node.agent().tsnctl("status").run().stdout());
        SortedMap<String, Object> after = everything();
        after.keySet()
                .removeIf(path ->
                        path.startsWith(node.agent().bpffs().resolve("tsn") + "/") || !before.containsKey(path));
        after.put(
                node.agent().bpffs().toString(), before.get(node.agent().bpffs().toString()));
        assertEquals(before, after, "the agent by itself changes nothing of it");

        List<Integer> programs = Stream.of("restorer", "garbage_collector")
                .map(tsnProxy::program)
                .toList();
        Shell.Result replaced = migrate("--replace").attempt();
        assertEquals(0, replaced.exit(), replaced.toString());
        assertEquals(conflist(ourEntry()), Files.readString(list), "not where its entry was, or not that alone");
        assertEquals(
                Files.readString(node.artifacts().shim(), StandardCharsets.ISO_8859_1),
                Files.readString(binDir.resolve("tsn"), StandardCharsets.ISO_8859_1));
        assertNothingIsLeft();
        Leftovers.assertFreed(programs);

        Pod pod = newPod("new");
        pod.warmUp(node.nic(), node.nic().address());
        assertEquals(20, seen(pod, 2, 5), "not by our policy");
        assertEquals(20, seen(old, 3, 0), "an old pod goes on, in the class of who asks for none");
        Eventually.assertTrue(MOMENT, () -> readyz().statusCode() == 200, "not ready: " + readyz());
        assertTrue(node.agent().status().path("tsnProxy").isEmpty());

        SortedMap<String, Object> done = everything();
        Shell.Result again = migrate("--replace").attempt();
        assertEquals("nothing of tsn-proxy is here\n", again.stdout());
        assertEquals(0, again.exit());
        assertEquals(done, everything());
    }

    /** Of an interrupted run, or of an operator who has begun by hand. */
    @Test
    @Tag("kernel")
    void whateverIsLeftOfItGoes() throws IOException {
        plant();
        // Its programs run without their pins, too, and on the host side of pods if it was told no NIC.
        node.addPod("old");
        Link hostSide = RouteSocket.links().stream()
                .filter(link -> link.peerElsewhere() && link.name().startsWith("veth"))
                .findFirst()
                .orElseThrow();
        tsnProxy.attach("ingress", hostSide.name());
        for (String pin : List.of("restorer", "saver", "tsn_map")) {
            Files.delete(node.agent().bpffs().resolve(pin));
        }
        Files.delete(binDir.resolve("tsn"));
        Files.delete(binDir.resolve("tsn-metadata-proxy/jq"));
        Files.writeString(list, conflist());
        Shell.Result shown = migrate().attempt();
        assertEquals(3, shown.exit(), shown.toString());
        assertSays(shown.stdout(), hostSide.name() + ", tcx ingress: program ");
        Shell.Result replaced = migrate("--replace").attempt();
        assertEquals(0, replaced.exit(), replaced.toString());
        assertNothingIsLeft();
    }
}

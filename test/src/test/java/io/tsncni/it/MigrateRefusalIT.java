// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tsncni.linux.libbpf.TcxHook;
import io.tsncni.linux.netlink.RouteSocket;
import io.tsncni.testbed.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedMap;
import org.junit.jupiter.api.Test;

/** What {@code tsnd migrate tsn-proxy} does not do, or not yet. */
@RequiresRoot
class MigrateRefusalIT extends MigrateFixture {
    /** A name alone proves nothing. */
    @Test
    void whatOthersHaveUnderTheSameNamesStays() throws IOException {
        plant();
        Path bpffs = node.agent().bpffs();
        try (Foreign foreign = new Foreign(node)) {
            foreign.tcx(node.nic().name(), "egress", "first");
            Path theirs = bpffs.resolve("theirs");
            String object = node.artifacts().bpf("foreign").toString();
            Shell.run("bpftool", "prog", "loadall", object, theirs.toString());
            Files.delete(bpffs.resolve("saver"));
            Files.move(theirs.resolve("foreign_ok"), bpffs.resolve("saver"));
            Files.move(theirs.resolve("foreign_pass"), bpffs.resolve(TsnProxyStandIn.NODE_NAME + "/other"));
            Files.delete(theirs);
            Files.writeString(binDir.resolve("tsn-metadata-proxy/notes"), "of an operator's");
            int onNic = TcxHook.EGRESS.programs(index(node.nic().name())).size();

            Shell.Result replaced = migrate("--replace").attempt();
            assertEquals(3, replaced.exit(), replaced.toString());
            assertSays(replaced.stdout(), "tsn-metadata-proxy: stays, there is more in it");
            assertEquals(
                    onNic - 1, TcxHook.EGRESS.programs(index(node.nic().name())).size());
            assertTrue(Files.exists(bpffs.resolve("saver")));
            assertTrue(Files.exists(bpffs.resolve(TsnProxyStandIn.NODE_NAME + "/other")));
            assertFalse(Files.exists(bpffs.resolve(TsnProxyStandIn.NODE_NAME + "/tsn_map")));
            assertTrue(Files.exists(binDir.resolve("tsn-metadata-proxy/notes")));
        }
    }

    private static int index(String device) throws IOException {
        return RouteSocket.links().stream()
                .filter(link -> link.name().equals(device))
                .findFirst()
                .orElseThrow()
                .index();
    }

    @Test
    void whatAnOperatorHasToDoFirstIsSaidAndNothingIsChanged() throws IOException {
        plant();
        Path pod = host.resolve("pods/default_cni-demo-x7k2p_0c0ffee");
        Files.createDirectories(pod.resolve("tsn-proxy-cni-install"));
        assertRefuses("a pod of tsn-proxy's DaemonSet is on this node, or was a minute ago (" + pod + ")");
        Shell.run("rm", "-r", pod.toString());

        settings("{'install': {'chain': true, 'entry': {'egress': 'other0'}}}");
        assertRefuses("the NIC " + node.nic().name() + ", and the settings have other0");
        assertRefuses("keep one of the two", "--no-entry");

        settings("{}");
        String entry = "{\"install\":{\"chain\":true,\"entry\":{\"egress\":\""
                + node.nic().name() + "\",\"unmapped\":\"keep\"}}}";
        assertRefuses(entry);
        Shell.Result replaced = migrate("--replace", "--no-entry").attempt();
        assertEquals(0, replaced.exit(), replaced.toString());
        assertEquals(conflist(), Files.readString(list));
        assertNothingIsLeft();
    }

    private void assertRefuses(String why, String... more) throws IOException {
        SortedMap<String, Object> before = everything();
        Shell.Result refused = migrate("--replace").and(more).attempt();
        assertEquals(1, refused.exit(), refused.toString());
        assertSays(refused.stderr(), why);
        Shell.Result shown = migrate(more).attempt();
        assertEquals(3, shown.exit(), shown.toString());
        assertSays(shown.stdout(), why);
        assertEquals(before, everything());
    }

    /** As kubectl get configmap -o yaml prints it; what comes out is what the chart takes. */
    @Test
    void itsConfigMapBecomesValuesOfTheChart() {
        String configMap =
                """
                apiVersion: v1
                data:
                  TSN_IFNAME: eth0
                  TSN_INGRESS_OR_EGRESS: egress
                kind: ConfigMap
                metadata:
                  creationTimestamp: "2026-11-01T10:00:00Z"
                  name: tsn-config
                  namespace: default
                """;
        Shell.Result values =
                migrate("--from-configmap", "-").reading(configMap).run();
        String rendered = Chart.rendered(values.stdout());
        JsonNode data = Chart.object(rendered, "ConfigMap").path("data");
        JsonNode settings = Nodes.json(data.path("tsnd.json").asText());
        assertEquals(
                "{\"chain\":true,\"entry\":{\"egress\":\"eth0\",\"unmapped\":\"keep\"}}",
                settings.path("install").toString());
    }
}

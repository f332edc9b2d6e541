// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.testbed.Background;
import io.tsncni.testbed.CniRuntime;
import io.tsncni.testbed.EgressNic;
import io.tsncni.testbed.Node;
import io.tsncni.testbed.Pod;
import io.tsncni.testbed.Seen;
import io.tsncni.testbed.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Pods and the NIC on a bridge of Open vSwitch's kernel datapath, as with Antrea and OVN-Kubernetes. */
@RequiresRoot
@Tag("kernel")
class WayOvsIT {
    private static final Path SCHEMA = Path.of("/usr/share/openvswitch/vswitch.ovsschema");

    /** A switch of its own beside whatever runs on this machine. */
    private static final class OpenVswitch implements AutoCloseable {
        static final String BRIDGE = "ovs0";

        private final Path directory;
        private final Background database;
        private final Background daemon;

        OpenVswitch() throws IOException {
            directory = Files.createTempDirectory("ovs");
            command("ovsdb-tool", "create", directory + "/conf.db", SCHEMA.toString())
                    .run();
            String socket = directory + "/db.sock";
            database = command("ovsdb-server", directory + "/conf.db", "--remote=punix:" + socket)
                    .start();
            Eventually.assertTrue(
                    Duration.ofSeconds(5), () -> Files.exists(Path.of(socket)), "ovsdb-server does not serve");
            daemon = command("ovs-vswitchd", "unix:" + socket).start();
            // Else a flow that no packet used for 10 s is forgotten, and the next packet is a first one.
            vsctl("--no-wait", "init");
            vsctl("--no-wait", "set", "open", ".", "other_config:max-idle=3600000");
            vsctl("add-br", BRIDGE);
        }

        Shell command(String... words) {
            Map<String, String> own = Map.of("OVS_RUNDIR", directory.toString(), "OVS_LOGDIR", directory.toString());
            return Shell.of(words).with(own);
        }

        Shell vsctlShell() {
            return command("ovs-vsctl", "--db=unix:" + directory + "/db.sock", "--timeout=50");
        }

        void vsctl(String... words) {
            vsctlShell().and(words).run();
        }

        /** With linux-noop, or Open vSwitch takes the NIC's qdisc away. */
        void addNic(String nic) {
            vsctlShell()
                    .and("add-port", BRIDGE, nic, "--", "set", "port", nic, "qos=@none", "--")
                    .and("--id=@none", "create", "qos", "type=linux-noop")
                    .run();
        }

        /** All flows of the kernel: the next packet of each is handed to the daemon. */
        void forgetFlows() {
            command("ovs-appctl", "-t", directory + "/ovs-vswitchd." + daemon.pid() + ".ctl", "dpctl/del-flows")
                    .run();
        }

        @Override
        public void close() {
            try (database;
                    daemon) {
                vsctlShell().and("del-br", BRIDGE).attempt();
            } finally {
                Shell.run("rm", "-rf", directory.toString());
            }
        }
    }

    private static final String PLUGIN =
            """
            port=ov$$
            pod="nsenter --net=$CNI_NETNS ip"
            ip link add $port type veth peer name eth0 netns ${CNI_NETNS##*/} || exit
            $pod addr add %1$s/24 dev eth0
            $pod link set eth0 up
            $pod neigh add %2$s lladdr %3$s nud permanent dev eth0
            ip link set $port up
            %4$s add-port ovs0 $port
            echo '{"cniVersion": "1.0.0", "interfaces": [{"name": "eth0", "sandbox": "'$CNI_NETNS'"}]}'
            exit 0
            """;

    @Test
    void flowsOfTheKernelKeepAllAndFirstPacketsNeedATrustedHash() throws IOException {
        assumeTrue(Files.exists(SCHEMA), "Open vSwitch is not installed (openvswitch-switch)");
        Shell.of("modprobe", "openvswitch").attempt();
        Shell.Result trial = Shell.of("ovs-dpctl", "add-dp", "trial").attempt();
        assumeTrue(trial.exit() == 0, () -> "this kernel has no Open vSwitch: " + trial.stderr());
        Shell.run("ovs-dpctl", "del-dp", "trial");

        try (Node node = Nodes.started();
                OpenVswitch ovs = new OpenVswitch();
                Witness plugin = new Witness()) {
            ovs.addNic(node.nic().name());
            Pod pod = pod(node, ovs, plugin);
            Way way = Way.of(node, pod);
            pod.warmUp(node.nic(), node.nic().address());
            way.keepsPriority("OVS");
            way.keepsLaunchTime("OVS");

            ovs.forgetFlows();
            assertFirst(0, way);
            way.keepsPriority("OVS after the first packet");

            WayForeignIT.trustHash(node);
            ovs.forgetFlows();
            assertFirst(Way.MAPPED, way);
            way.keepsPriority("OVS, hash trusted");
            way.keepsLaunchTime("OVS, hash trusted");
        }
    }

    /** The daemon makes a new packet of it, to which it gives the hash, and nothing else that is ours. */
    private static void assertFirst(int priority, Way way) {
        Seen first = way.send(1, Way.ASKED);
        assertEquals(1, first.at(priority), () -> "a flow's first packet: " + first);
        assertEquals(1, first.total(), () -> "a flow's first packet: " + first);
    }

    private static Pod pod(Node node, OpenVswitch ovs, Witness plugin) {
        String world = node.nic().address();
        plugin.on(
                "ADD",
                PLUGIN.formatted(
                        world.replaceAll("\\d+$", "77"),
                        world,
                        EgressNic.FAR_MAC,
                        String.join(" ", ovs.vsctlShell().command())));
        ObjectNode conflist = node.conflist("1.0.0");
        ((ArrayNode) conflist.path("plugins"))
                .removeAll()
                .add(Witness.network("ovs"))
                .add(Way.entry(node));
        List<Path> path = Stream.concat(node.cniPath().stream(), Stream.of(plugin.binDir()))
                .toList();
        return node.addPod("pod", new CniRuntime(conflist, path, node.agent().env()));
    }
}

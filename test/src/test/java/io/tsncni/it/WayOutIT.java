// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tsncni.linux.libc.Clock;
import io.tsncni.testbed.EgressNic;
import io.tsncni.testbed.Node;
import io.tsncni.testbed.Pod;
import io.tsncni.testbed.Qdisc;
import io.tsncni.testbed.Seen;
import io.tsncni.testbed.Shell;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** From the node out: tunnels, and devices on top of the NIC. */
@RequiresRoot
@Tag("kernel")
class WayOutIT {
    /** Of a tunnel, behind those that {@link Way} uses. */
    private static final int PORT = Nodes.port(1500);

    @Test
    void inAGeneveTunnel() throws IOException {
        try (Node node = Nodes.started()) {
            String tunnel = named("gnv", node);
            String lacking = Way.lacks(
                    tunnel,
                    "type",
                    "geneve",
                    "id",
                    "7",
                    "dstport",
                    "" + PORT,
                    "remote",
                    node.nic().address());
            assumeTrue(lacking.isEmpty(), () -> "this kernel has no geneve: " + lacking);
            // Else the node's own multicast reports pass through it, too.
            Shell.run("sysctl", "-qw", "net.ipv6.conf." + tunnel + ".disable_ipv6=1");
            up(tunnel, "10.96.0");
            Pod pod = node.addPod("pod", Way.entry(node));
            pod.warmUp(node.nic(), node.nic().address());
            keepsInside(node, pod, "10.96.0.2");
        }
    }

    @Test
    void inAWireguardTunnelWithTrustHash() throws IOException {
        assumeTrue(Shell.of("which", "wg").attempt().exit() == 0, "wg is not installed (wireguard-tools)");
        try (Node node = Nodes.started()) {
            String tunnel = named("wg", node);
            String lacking = Way.lacks(tunnel, "type", "wireguard");
            assumeTrue(lacking.isEmpty(), () -> "this kernel has no WireGuard: " + lacking);
            node.nic().world().exec("ip", "link", "add", "wg", "type", "wireguard");
            String near = Shell.run("wg", "genkey").stdout();
            String far = Shell.run("wg", "genkey").stdout();
            Shell.of("wg", "set", tunnel, "private-key", "/proc/self/fd/0", "peer", publicKey(far))
                    .and("allowed-ips", "10.96.0.0/24", "endpoint", node.nic().address() + ":" + PORT)
                    .reading(near)
                    .run();
            node.nic()
                    .world()
                    .command("wg", "set", "wg", "listen-port", "" + PORT, "private-key", "/proc/self/fd/0")
                    .and("peer", publicKey(near), "allowed-ips", "0.0.0.0/0")
                    .reading(far)
                    .run();
            node.nic().world().exec("ip", "link", "set", "wg", "up");
            Shell.run("ip", "addr", "add", "10.96.0.1/24", "dev", tunnel);
            Shell.run("ip", "link", "set", tunnel, "up");
            Pod pod = node.addPod("pod", Way.entry(node));
            pod.warmUp(node.nic(), node.nic().address());
            WayForeignIT.trustHash(node);
            shakeHands(node, pod);
            keepsInside(node, pod, "10.96.0.2");
        }
    }

    /** The first packet waits for it, in class 0 as all that is the tunnel's own. */
    private static void shakeHands(Node node, Pod pod) {
        Nodes.udp(pod, "10.96.0.2", Nodes.port(1), Way.ASKED, 1);
        Eventually.assertTrue(
                Duration.ofSeconds(10),
                () -> node.nic().seen(PORT).at(Way.MAPPED) == 1,
                "the tunnel's first packet does not come with its priority");
    }

    private static String publicKey(String key) {
        return Shell.of("wg", "pubkey").reading(key).run().stdout().strip();
    }

    /** Packets that the NIC sees only the outside of. */
    private static void keepsInside(Node node, Pod pod, String to) throws IOException {
        Seen before = node.nic().seen(PORT);
        Nodes.udp(pod, to, Nodes.port(1), Way.ASKED, Way.COUNT, "--tos", "16");
        Way.only("priority", Way.MAPPED, arrived(node, before));

        before = node.nic().seen(PORT);
        Nodes.udp(pod, to, Nodes.port(1), 4, Way.COUNT, "--tos", "16");
        Way.only("priority 4", 0, arrived(node, before));

        before = node.nic().seen(PORT);
        long from = Clock.TAI.now();
        Nodes.udp(pod, to, Nodes.port(1), Way.ASKED, Way.COUNT, "--txtime", "tai", "--ahead", "0");
        Seen seen = Way.only("launch times", Way.MAPPED, arrived(node, before));
        assertEquals(Way.COUNT, seen.timed() - before.timed(), seen.toString());
        assertTrue(seen.lastTstamp() >= from && seen.lastTstamp() <= Clock.TAI.now(), seen.toString());
    }

    private static Seen arrived(Node node, Seen before) {
        Eventually.assertTrue(
                Duration.ofSeconds(5),
                () -> node.nic().seen(PORT).since(before).total() >= Way.COUNT,
                "packets of the tunnel are missing");
        return node.nic().seen(PORT).since(before);
    }

    @Test
    void aVlanDeviceAsEgressWritesThePcpOfItsMap() {
        try (Node node = Nodes.started()) {
            String vlan = named("vl", node);
            String lacking = Way.lacks(
                    "link", node.nic().name(), "name", vlan, "type", "vlan", "id", "7", "egress-qos-map", "5:6", "0:1");
            assumeTrue(lacking.isEmpty(), () -> "this kernel has no VLAN devices: " + lacking);
            up(vlan, "10.96.0");
            inWorld(node.nic(), "ip link add link uplink name vlan7 type vlan id 7");
            inWorld(node.nic(), "ip addr add 10.96.0.2/24 dev vlan7");
            inWorld(node.nic(), "ip link set vlan7 up");
            inWorld(node.nic(), "ip route replace default via 10.96.0.1");
            Pod pod = node.addPod("pod", Way.entry(node).put("egress", vlan));
            Way way = Way.of(node, pod).to("10.96.0.2");
            way.keepsAll("VLAN");
            assertEquals(1 << 6, way.keepsPriority("VLAN").pcps(), "PCPs of priority 5, a bit each");
            assertEquals(1 << 1, way.send(Way.COUNT, 4).pcps(), "PCPs of priority 0, a bit each");
        }
    }

    @Test
    void aBondAsEgressAndItsOtherPortAfterAFailure() {
        try (Node node = Nodes.started();
                EgressNic other = new EgressNic(node.artifacts(), Qdisc.HTB)) {
            String bond = named("bo", node);
            String lacking = Way.lacks(bond, "type", "bond", "mode", "active-backup", "miimon", "20");
            assumeTrue(lacking.isEmpty(), () -> "this kernel has no bonding: " + lacking);
            for (EgressNic nic : new EgressNic[] {node.nic(), other}) {
                Shell.run("ip", "link", "set", nic.name(), "down");
                Shell.run("ip", "link", "set", nic.name(), "master", bond);
                inWorld(nic, "ip addr add 10.96.0.2/24 dev uplink");
                inWorld(nic, "ip route replace default via 10.96.0.1");
            }
            up(bond, "10.96.0");
            Pod pod = node.addPod("pod", Way.entry(node).put("egress", bond));
            Way way = Way.of(node, pod).to("10.96.0.2");
            way.keepsAll("bond");
            Shell.run("ip", "link", "set", node.nic().name(), "down");
            way.seenBy(other).keepsAll("bond, other port");
            pod.del();
            Shell.run("ip", "link", "del", bond);
        }
    }

    private static String named(String prefix, Node node) {
        return prefix + node.nic().name().substring(3);
    }

    private static void inWorld(EgressNic nic, String command) {
        nic.world().exec(command.split(" "));
    }

    /** With an address, and the world as the only neighbour. */
    private static void up(String device, String subnet) {
        Shell.run("ip", "addr", "add", subnet + ".1/24", "dev", device);
        Shell.run("ip", "link", "set", device, "up");
        Shell.of("ip", "neigh", "add", subnet + ".2", "lladdr", EgressNic.FAR_MAC, "nud", "permanent", "dev", device)
                .run();
    }
}

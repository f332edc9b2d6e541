// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tsncni.testbed.Background;
import io.tsncni.testbed.Node;
import io.tsncni.testbed.Pod;
import io.tsncni.testbed.PodNetns;
import io.tsncni.testbed.Seen;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A pod with CAP_NET_ADMIN and CAP_NET_RAW in its namespace, which may do there what tc, ip and packet sockets can. Its
 * policy gives class 2 for priority 3 and 0 for all else; beside it a pod goes on with its own work. Whatever the first one
 * does, it may lose its own service and gains nothing.
 */
@RequiresRoot
class AttackIT {
    private static final int GIVEN = 2;
    private static final int COUNT = 60;

    /** Another port for each look, so that one attack's packets do not count for the next. */
    private int port = 1;

    private record Attack(String name, Consumer<Pod> how) {}

    private static Consumer<Pod> commands(String... lines) {
        return pod -> {
            for (String line : lines) {
                pod.netns().command(line.split(" ")).attempt();
            }
        };
    }

    private static String gateway(Pod pod) {
        return pod.result().at("/ips/0/gateway").asText();
    }

    private static List<Attack> attacks() {
        List<Attack> attacks = new ArrayList<>();
        for (String action : List.of("ok", "continue", "pipe")) {
            // Before and behind a saver that is a filter, and behind one that is not.
            for (String pref : List.of("1", "60000")) {
                attacks.add(new Attack(
                        "classid, " + action + ", pref " + pref,
                        commands(
                                "tc qdisc add dev eth0 clsact",
                                "tc filter add dev eth0 egress pref " + pref
                                        + " protocol all matchall classid 1:ffe7 action " + action)));
                attacks.add(new Attack(
                        "skbedit priority, " + action + ", pref " + pref,
                        commands(
                                "tc qdisc add dev eth0 clsact",
                                "tc filter add dev eth0 egress pref " + pref
                                        + " protocol all matchall action skbedit priority 0:7 " + action)));
            }
        }
        attacks.add(new Attack("no clsact", commands("tc qdisc del dev eth0 clsact")));
        attacks.add(new Attack(
                "another clsact",
                commands(
                        "tc qdisc del dev eth0 clsact",
                        "tc qdisc add dev eth0 clsact",
                        "tc filter add dev eth0 egress protocol all matchall classid 1:ffe7 action ok")));
        attacks.add(new Attack("another name", pod -> {
            commands("ip link set eth0 down", "ip link set eth0 name mine", "ip link set mine up")
                    .accept(pod);
            pod.netns()
                    .command("ip", "route", "replace", "default", "via", gateway(pod))
                    .attempt();
        }));
        attacks.add(new Attack("a device on top", pod -> {
            commands(
                            "ip link add link eth0 name top type macvlan mode bridge",
                            "ip addr del " + pod.result().at("/ips/0/address").asText() + " dev eth0",
                            "ip addr add " + pod.result().at("/ips/0/address").asText() + " dev top",
                            "ip link set top up")
                    .accept(pod);
            pod.netns()
                    .command("ip", "route", "replace", "default", "via", gateway(pod))
                    .attempt();
        }));
        return attacks;
    }

    /** All that the pod can ask for: each priority, by its socket and by IP_TOS. */
    private void sendEverything(Node node, PodNetns from, int to) {
        String talker = node.artifacts().talker().toString();
        String address = node.nic().address();
        for (int priority = 0; priority < 16; priority++) {
            from.command(talker, "udp", "--to", address, "--port", Integer.toString(to), "--count", "4")
                    .and("--priority", Integer.toString(priority))
                    .attempt();
        }
        from.command(talker, "udp", "--to", address, "--port", Integer.toString(to), "--count", "20", "--tos", "184")
                .attempt();
    }

    private void assertOnlyWhatIsGiven(Node node, int at, String attack) {
        Seen seen = node.nic().seen(at);
        assertEquals(seen.total(), seen.at(0) + seen.at(GIVEN), attack + ": " + seen);
    }

    private Pod attacker(Node node) {
        Pod pod = node.addPod("attacker", node.tsnEntry(Nodes.json("{\"3\": " + GIVEN + "}")));
        pod.warmUp(node.nic(), node.nic().address());
        return pod;
    }

    /** The neighbour's packets during an attack: not one in another class than its own. */
    private void besideANeighbour(Node node, Pod neighbour, Runnable attack) {
        int own = Nodes.port(port++);
        Background work = Nodes.endlessUdp(neighbour, node.nic().address(), own, "--pps", "500");
        attack.run();
        work.stop();
        Seen seen = node.nic().seen(own);
        assertTrue(seen.at(5) > 0, seen.toString());
        assertEquals(seen.total(), seen.at(5), seen.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "clsact", "slots"})
    @Tag("kernel")
    void filtersAndDevicesOfItsOwnGainNothing(String way) {
        try (Node node = Nodes.started(way)) {
            Pod neighbour = node.addPod("neighbour", node.tsnEntry(Nodes.json("{\"3\": 5}")));
            neighbour.warmUp(node.nic(), node.nic().address());
            besideANeighbour(node, neighbour, () -> {
                for (Attack attack : attacks()) {
                    Pod pod = attacker(node);
                    attack.how().accept(pod);
                    int at = Nodes.port(port++);
                    sendEverything(node, pod.netns(), at);
                    assertTrue(node.nic().seen(at).total() > 0, attack.name() + ": nothing arrived");
                    assertOnlyWhatIsGiven(node, at, attack.name());
                    pod.del();
                }
            });
            neighbour.del();
            Leftovers.assertNone(node);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "clsact"})
    void anInterfaceInANamespaceOfItsOwnGainsNothing(String way) {
        try (Node node = Nodes.started(way);
                PodNetns hidden = PodNetns.create("hidden")) {
            Pod pod = attacker(node);
            pod.netns().exec("ip", "link", "set", "eth0", "netns", hidden.name());
            hidden.exec("ip", "addr", "add", pod.result().at("/ips/0/address").asText(), "dev", "eth0");
            hidden.exec("ip", "link", "set", "eth0", "up");
            hidden.exec("ip", "route", "add", "default", "via", gateway(pod));
            // A device that comes up takes a moment.
            int first = Nodes.port(port++);
            Eventually.assertTrue(
                    Duration.ofSeconds(10),
                    () -> {
                        sendEverything(node, hidden, first);
                        return node.nic().seen(first).total() > 0;
                    },
                    "no way out of the hidden namespace");
            assertOnlyWhatIsGiven(node, first, "moved");
            int at = Nodes.port(port++);
            sendEverything(node, hidden, at);
            assertTrue(node.nic().seen(at).total() > 0, "nothing arrived");
            assertOnlyWhatIsGiven(node, at, "moved");
            pod.del();
            Leftovers.assertNoneOfDelegates(node);
        }
    }

    /** Past the tc hook, and from thousands of flows and other addresses: one of them may have a hash like a stamp's. */
    @ParameterizedTest
    @ValueSource(strings = {"", "clsact"})
    @Tag("kernel")
    void packetsOfItsOwnMakingGainNothing(String way) {
        try (Node node = Nodes.started(way)) {
            Pod pod = attacker(node);
            String mac = pod.netns()
                    .exec("ip", "neigh", "show", gateway(pod))
                    .stdout()
                    .replaceAll("(?s).*lladdr ([0-9a-f:]+).*", "$1");
            String spoofed = pod.address().replaceAll("\\d+$", "200");
            for (String from : List.of(pod.address(), spoofed)) {
                for (boolean bypass : new boolean[] {true, false}) {
                    int at = Nodes.port(port++);
                    List<String> arguments = new ArrayList<>(List.of(
                            "craft",
                            "--dev",
                            "eth0",
                            "--from",
                            from,
                            "--to",
                            node.nic().address()));
                    arguments.addAll(List.of("--mac", mac, "--port", Integer.toString(at), "--priority", "7"));
                    arguments.addAll(List.of("--tos", "184", "--count", "20000"));
                    if (bypass) {
                        arguments.add("--bypass");
                    }
                    pod.talk(arguments.toArray(String[]::new));
                    assertTrue(node.nic().seen(at).total() > COUNT, "nothing arrived from " + from);
                    assertOnlyWhatIsGiven(node, at, from + (bypass ? ", bypass" : ""));
                }
            }
            long strangers = node.agent()
                    .status()
                    .at("/nics/0/counters/unstampedForwarded")
                    .asLong();
            assertTrue(strangers >= 2 * 20_000, "the counters do not show it: " + strangers);
            pod.del();
            Leftovers.assertNone(node);
        }
    }
}

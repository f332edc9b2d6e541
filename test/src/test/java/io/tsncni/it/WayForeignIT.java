// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tsncni.testbed.Node;
import io.tsncni.testbed.Pod;
import io.tsncni.testbed.Seen;
import io.tsncni.testbed.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What others do to the devices between a pod and the NIC: settings, and programs of their own. */
@RequiresRoot
@Tag("kernel")
class WayForeignIT {
    @Test
    void withGroXdpRpsAndXpsOn() throws IOException {
        try (Node node = Nodes.started();
                Foreign foreign = new Foreign(node)) {
            Pod pod = node.addPod("pod", node.runtime(WayIT.ptp(node, Way.entry(node))));
            String veth = Way.hostSide(node);
            Path queues = Path.of("/sys/class/net");
            Files.writeString(queues.resolve(veth).resolve("queues/rx-0/rps_cpus"), "3");
            for (int queue = 0; queue < 4; queue++) {
                Files.writeString(
                        queues.resolve(node.nic().name()).resolve("queues/tx-" + queue + "/xps_cpus"),
                        Integer.toString(1 + queue % 2));
            }
            Way.of(node, pod).keepsAll("RPS, XPS");
            Shell.run("ethtool", "-K", veth, "gro", "on");
            Way.of(node, pod).keepsAll("GRO");
            Way.of(node, pod).to(node.nic().address6()).keepsAll("GRO, IPv6");
            foreign.xdp(veth);
            Way.of(node, pod).keepsAll("XDP_PASS");
            Shell.run("ethtool", "-K", veth, "rx-udp-gro-forwarding", "on");
            Files.writeString(queues.resolve(veth).resolve("gro_flush_timeout"), "20000000");
            Seen merged = Way.of(node, pod).keepsPriority("GRO of forwarded UDP");
            assertTrue(merged.maxSegs() > 1, () -> "no packets were merged: " + merged);
            // Their launch times are the first one's, where the kernel carries them: docs/paths.md.
        }
    }

    /** It wipes tc_index; that the packet comes from a pod's own device is proof enough. */
    @ParameterizedTest
    @ValueSource(strings = {"tcx", "clsact"})
    void behindAProgramThatReturnsOkOnThePodsVeth(String carrier) {
        try (Node node = Nodes.started(carrier);
                Foreign foreign = new Foreign(node)) {
            Pod pod = node.addPod("pod", node.runtime(WayIT.ptp(node, Way.entry(node))));
            String veth = Way.hostSide(node);
            if (carrier.equals("tcx")) {
                foreign.tcx(veth, "ingress", "first");
            } else {
                foreign.filter(veth, "ingress", 1);
            }
            Way.of(node, pod).keepsAll("OK on the veth");
            Way.of(node, pod).to(node.nic().address6()).keepsAll("OK on the veth, IPv6");
        }
    }

    /** The bridge is what a bridged and then routed packet comes in by, and all its pods share it. */
    @Test
    void behindSuchAProgramAndABridgeOnlyATrustedHashIsLeft() throws IOException {
        try (Node node = Nodes.started();
                Foreign foreign = new Foreign(node)) {
            Pod pod = node.addPod("pod", Way.entry(node));
            foreign.filter(Way.hostSide(node), "ingress", 1);
            pod.warmUp(node.nic(), node.nic().address());
            Way way = Way.of(node, pod);
            Way.only("not trusted", 0, way.send(Way.COUNT, Way.ASKED));
            assertTrue(node.agent().status().at("/nics/0/counters/rejected").asLong() >= Way.COUNT);

            trustHash(node);
            way.keepsAll("trusted");
        }
    }

    static void trustHash(Node node) throws IOException {
        Files.writeString(node.agent().config(), "{\"nics\": {\"" + node.nic().name() + "\": {\"trustHash\": true}}}");
        node.agent().stop();
        node.agent().start();
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcx", "clsact"})
    void onTheNicWhoComesBehindUsTakesNothingAndWhoComesFirstAll(String carrier) {
        try (Node node = Nodes.started(carrier);
                Foreign foreign = new Foreign(node)) {
            Pod pod = node.addPod("pod", Way.entry(node));
            String nic = node.nic().name();
            foreign.filter(nic, "egress", 100);
            boolean tcx = carrier.equals("tcx");
            if (tcx) {
                foreign.tcx(nic, "egress", "last");
            }
            Way.of(node, pod).keepsAll("OK on the NIC");

            if (tcx) {
                foreign.tcx(nic, "egress", "first");
            } else {
                foreign.filter(nic, "egress", 1);
            }
            // Our program is not run any more. What is lost is the class.
            Way.only("OK on the NIC before us", 0, Way.of(node, pod).send(Way.COUNT, Way.ASKED));
        }
    }
}

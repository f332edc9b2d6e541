// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tsncni.testbed.Node;
import io.tsncni.testbed.Podman;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** podman starts real containers through a configuration list with our entry. */
@RequiresRoot
class PodmanIT {
    @Test
    void aContainersPrioritiesAreMappedAndStoppingItLeavesNothing() {
        try (Node node = Nodes.started();
                Podman podman = new Podman(node)) {
            Podman.Container plc = podman.run("plc", node.conflist("1.0.0", node.tsnEntry(Mapped.MAP)));
            Mapped.assertMapped(node, plc);
            assertEquals(2, node.reservations().size(), "an IPv4 and an IPv6 address in " + node.reservations());

            plc.stop();
            assertNothingLeft(node);
            plc.start();
            Mapped.assertMapped(node, plc);
            plc.remove();
            assertNothingLeft(node);
        }
    }

    @Test
    void aContainerOutlivesTheAgent() {
        try (Node node = Nodes.started();
                Podman podman = new Podman(node)) {
            Podman.Container plc = podman.run("plc", node.conflist("0.4.0", node.tsnEntry(Mapped.MAP)));
            node.agent().kill();
            Mapped.assertMapped(node, plc);
            node.agent().start();
            Mapped.assertMapped(node, plc);
            plc.remove();
            assertNothingLeft(node);
        }
    }

    private static void assertNothingLeft(Node node) {
        Leftovers.assertNone(node);
        assertEquals(Set.of(), node.reservations());
    }
}

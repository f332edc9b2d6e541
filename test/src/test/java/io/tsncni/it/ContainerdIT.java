// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tsncni.testbed.Containerd;
import io.tsncni.testbed.Node;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** {@code ctr run --cni} starts real containers through a configuration list with our entry. */
@RequiresRoot
class ContainerdIT {
    @Test
    void aContainersPrioritiesAreMappedAndItsEndLeavesNothing() {
        try (Node node = Nodes.started();
                Containerd containerd = new Containerd(node)) {
            Containerd.Container plc = containerd.run("plc", node.conflist("1.0.0", node.tsnEntry(Mapped.MAP)));
            Containerd.Container other = containerd.run("other", node.conflist("1.0.0"));
            Mapped.assertMapped(node, plc);
            Mapped.assertSeen(node, other, Mapped.WIPED);
            other.kill();
            node.agent().kill();
            node.agent().start();
            Mapped.assertMapped(node, plc);
            plc.kill();
            Leftovers.assertNone(node);
            assertEquals(Set.of(), node.reservations());
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tsncni.testbed.Node;
import io.tsncni.testbed.Pod;
import io.tsncni.testbed.Shell;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Whom the agent talks to, and what it survives. */
@RequiresRoot
class ServerIT {
    @Test
    void onlyRootReachesTheSocketAndOnlyRootIsAnswered() throws IOException {
        try (Node node = Nodes.started()) {
            Path socket = node.agent().socket();
            assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)));
            assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(socket.getParent())));

            // Even where somebody opened the doors.
            for (Path path = socket; path.getNameCount() > 1; path = path.getParent()) {
                Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxrwxrwx"));
            }
            Shell.Result nobody = Shell.of("setpriv", "--reuid", "65534", "--clear-groups")
                    .and(node.artifacts().tsnctl().toString(), "status", "--socket", socket.toString())
                    .attempt();
            assertNotEquals(0, nobody.exit());
            assertTrue(nobody.stderr().contains("the agent broke off"), nobody.stderr());
            Eventually.assertTrue(
                    Duration.ofSeconds(5),
                    () -> node.agent().stderr().contains("uid 65534"),
                    "the log does not name the stranger");
            assertEquals(0, node.agent().tsnctl("status").run().exit());
        }
    }

    @Test
    void aSecondAgentOnTheSameStateLeavesTheFirstAlone() {
        try (Node node = Nodes.started()) {
            Shell.Result second = Shell.of(node.artifacts().tsnd())
                    .and(
                            "--no-kubernetes",
                            "--state-dir",
                            node.agent().stateDir().toString())
                    .with(node.agent().env())
                    .attempt();
            assertEquals(1, second.exit());
            assertTrue(second.stderr().contains("another agent works with --state-dir"), second.stderr());
            assertEquals(0, node.agent().tsnctl("status").run().exit());
        }
    }

    @Test
    void nonsenseOnTheSocketHarmsNobodyElse() throws IOException {
        Random random = new Random(7);
        try (Node node = Nodes.started()) {
            List<SocketChannel> silent = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                SocketChannel channel = SocketChannel.open(
                        UnixDomainSocketAddress.of(node.agent().socket()));
                byte[] garbage = new byte[random.nextInt(64)];
                random.nextBytes(garbage);
                if (i % 3 == 0) {
                    // A header that promises a REQUEST, and little behind it.
                    garbage = new byte[] {1, 0, 0, 0, (byte) random.nextInt(64), 0, 0, 0, 1, 0, 0, 0};
                }
                try {
                    channel.write(ByteBuffer.wrap(garbage));
                } catch (IOException e) {
                    continue; // the agent has hung up already, as it should
                }
                if (i % 10 == 0) {
                    silent.add(channel);
                } else {
                    channel.close();
                }
            }
            Pod pod = node.addPod("pod", node.tsnEntry());
            pod.runtime().check(pod.attachment());
            for (SocketChannel channel : silent) {
                channel.close();
            }
            pod.del();
            Leftovers.assertNone(node);
        }
    }
}

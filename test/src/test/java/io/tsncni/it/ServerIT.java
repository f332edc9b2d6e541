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
    void aSecondAgentWithAnotherStateTakesNeitherPinsNorSocket() throws IOException {
        try (Node node = Nodes.started()) {
            Pod pod = node.addPod("pod", node.tsnEntry());
            Path elsewhere = Files.createTempDirectory("elsewhere");
            Shell second =
                    Shell.of(node.artifacts().tsnd()).and("--no-kubernetes", "--state-dir", elsewhere.toString());
            Shell.Result onPins = second.with(node.agent().env())
                    .with("TSN_SOCKET", elsewhere + "/tsnd.sock")
                    .attempt();
            assertEquals(1, onPins.exit());
            assertTrue(onPins.stderr().contains("another agent owns"), onPins.stderr());

            Path pins = Files.createDirectory(node.agent().bpffs().resolve("other"));
            Shell.Result onSocket = second.with(node.agent().env())
                    .with("TSN_BPFFS", pins.toString())
                    .with("TSN_LISTEN", "127.0.0.1:0")
                    .attempt();
            assertEquals(1, onSocket.exit());
            assertTrue(onSocket.stderr().contains("another agent answers there"), onSocket.stderr());
            pod.runtime().check(pod.attachment());
        }
    }

    @Test
    void aDirectoryThatOthersMayWriteToIsRefusedAndAFileIsNoSocketToDelete() throws IOException {
        try (Node node = Nodes.started()) {
            Shell tsnd =
                    Shell.of(node.artifacts().tsnd()).and("--no-kubernetes").with("TSN_LISTEN", "127.0.0.1:0");
            Path open = Files.createTempDirectory("open");
            Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
            Path bpffs = Files.createDirectory(node.agent().bpffs().resolve("fresh"));
            Shell.Result state = tsnd.and("--state-dir", open.toString(), "--bpffs", bpffs.toString())
                    .attempt();
            assertTrue(state.stderr().contains("--state-dir: others than root may write to " + open), state.stderr());

            Path file = Files.writeString(Files.createTempDirectory("file").resolve("precious"), "content");
            Shell.Result socket = tsnd.and("--state-dir", file.getParent().toString())
                    .and("--bpffs", bpffs.toString(), "--socket", file.toString())
                    .attempt();
            assertTrue(socket.stderr().contains("is no socket"), socket.stderr());
            assertEquals("content", Files.readString(file));
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

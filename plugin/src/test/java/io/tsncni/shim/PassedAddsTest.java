// SPDX-License-Identifier: Apache-2.0
package io.tsncni.shim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tsncni.cni.CniAnswer;
import io.tsncni.linux.netns.HandedNetns;
import io.tsncni.linux.netns.NetworkNamespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
class PassedAddsTest {
    private static final Exec NOBODY = (path, environment, stdin) -> {
        throw new IOException("no shim");
    };

    @TempDir
    private Path stateDir;

    private final BlockingQueue<String> done = new LinkedBlockingQueue<>();
    private final CountDownLatch mayGoOn = new CountDownLatch(1);
    private volatile CniAnswer answer = new CniAnswer(0, "");
    private volatile boolean slow;

    private final ShimServer.Handler agent = new ShimServer.Handler() {
        @Override
        public CniAnswer cni(ShimRequest request) {
            done.add("now " + request.environment().get("CNI_COMMAND"));
            return new CniAnswer(0, "");
        }

        @Override
        public CniAnswer spooled(ShimRequest request, Instant since) {
            done.add(request.environment().get("CNI_COMMAND"));
            if (request.environment().get("CNI_COMMAND").equals("ADD")) {
                assertInstanceOf(HandedNetns.Open.class, request.netns());
            }
            if (slow) {
                try {
                    mayGoOn.await();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
                done.add("ADD done");
            }
            return answer;
        }

        @Override
        public CniAnswer query(String query) {
            throw new AssertionError(query);
        }
    };

    private final PassedAdds adds = new PassedAdds(
            agent::spooled,
            kept -> new ShimRequest(
                    kept.environment(),
                    kept.stdin(),
                    new HandedNetns.Open(
                            NetworkNamespace.open(Path.of("/proc/self/ns/net")).orElseThrow()),
                    kept.exec()));

    private static byte[] request(String command) {
        return new Request()
                .number(Frame.PROTOCOL)
                .number(Frame.NETNS_UNSET)
                .number(4)
                .blob("CNI_COMMAND=" + command)
                .blob("CNI_CONTAINERID=pod")
                .blob("CNI_IFNAME=eth0")
                .blob("CNI_NETNS=/run/netns/gone")
                .blob("{}")
                .bytes();
    }

    private Path spool(int second, String command) throws IOException {
        Path spool = Files.createDirectories(stateDir.resolve("spool"));
        return Files.write(spool.resolve("%012d.000000000-1.req".formatted(second)), request(command));
    }

    private void replay() throws IOException {
        SpoolReplay.replay(stateDir, agent, adds);
    }

    private CniAnswer now(String command) throws IOException {
        ShimRequest request = ShimRequest.decode(request(command), Optional.empty(), NOBODY);
        adds.superseded(request);
        return agent.cni(request);
    }

    private void awaitNoneWaiting() throws InterruptedException {
        while (!adds.waiting().isEmpty()) {
            Thread.sleep(5);
        }
    }

    @Test
    void itIsCarriedOutOnceRequestsAreServed() throws Exception {
        Path file = spool(1, "ADD");
        replay();
        assertEquals(List.of("pod:eth0"), adds.waiting());
        assertEquals(List.of(), List.copyOf(done));
        adds.start();
        awaitNoneWaiting();
        assertEquals(List.of("ADD"), List.copyOf(done));
        assertFalse(Files.exists(file));
    }

    /** Nobody would ever end it: its DEL may never come. */
    @Test
    void ofAPodThatIsGoneNothingIsTried() throws Exception {
        Path file = spool(1, "ADD");
        PassedAdds byName = new PassedAdds(agent::spooled);
        SpoolReplay.replay(stateDir, agent, byName);
        byName.start();
        while (!byName.waiting().isEmpty()) {
            Thread.sleep(5);
        }
        assertEquals(List.of(), List.copyOf(done));
        assertFalse(Files.exists(file));
    }

    @Test
    void aDelThatWasKeptTakesItBack() throws Exception {
        spool(1, "ADD");
        spool(2, "DEL");
        replay();
        assertEquals(List.of(), adds.waiting());
        assertEquals(List.of("DEL"), List.copyOf(done));
        assertEquals(0, Files.list(stateDir.resolve("spool")).count());
    }

    @Test
    void aDelThatComesNowTakesItBackAndIsCarriedOut() throws Exception {
        Path file = spool(1, "ADD");
        replay();
        now("CHECK");
        assertEquals(List.of("pod:eth0"), adds.waiting());
        now("DEL");
        adds.start();
        assertEquals(List.of(), adds.waiting());
        assertEquals(List.of("now CHECK", "now DEL"), List.copyOf(done));
        assertFalse(Files.exists(file));
    }

    @Test
    void aDelWaitsForTheAddThatIsUnderWay() throws Exception {
        spool(1, "ADD");
        replay();
        slow = true;
        adds.start();
        assertEquals("ADD", done.take());
        Thread del = new Thread(() -> {
            try {
                now("DEL");
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        del.start();
        while (del.getState() != Thread.State.BLOCKED) {
            Thread.sleep(1);
        }
        mayGoOn.countDown();
        assertEquals("ADD done", done.poll(10, TimeUnit.SECONDS));
        assertEquals("now DEL", done.poll(10, TimeUnit.SECONDS));
    }

    @Test
    void whatMayHealWaitsInTheSpool() throws Exception {
        Path file = spool(1, "ADD");
        replay();
        answer = new CniAnswer(1, "{}", true);
        adds.start();
        assertEquals("ADD", done.poll(10, TimeUnit.SECONDS));
        assertEquals(List.of("pod:eth0"), adds.waiting());
        assertTrue(Files.exists(file));
    }

    @Test
    void whatCannotHealIsOver() throws Exception {
        Path file = spool(1, "ADD");
        replay();
        answer = new CniAnswer(1, "{}", false);
        adds.start();
        awaitNoneWaiting();
        assertFalse(Files.exists(file));
    }
}

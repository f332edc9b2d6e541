// SPDX-License-Identifier: Apache-2.0
package io.tsncni.shim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;

class ShimExecTest {
    /** A shim whose answers a test gives; an empty frame stands for its end. */
    private static final class Shim implements ShimExec.Peer {
        private static final Frame GONE = new Frame(0, new byte[0]);

        private final BlockingQueue<Frame> asked = new LinkedBlockingQueue<>();
        private final BlockingQueue<Frame> answers = new LinkedBlockingQueue<>();

        @Override
        public void write(byte[] frame) throws IOException {
            Payload bytes = new Payload(frame);
            int type = bytes.number();
            asked.add(new Frame(type, bytes.blob()));
            bytes.end();
        }

        @Override
        public Frame read() throws IOException {
            try {
                Frame frame = answers.take();
                if (frame == GONE) {
                    throw new EOFException("closed");
                }
                return frame;
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }

        /** The id of the next EXEC, and what it runs. */
        Map.Entry<Integer, String> next() throws Exception {
            Frame frame = asked.take();
            assertEquals(Frame.EXEC, frame.type());
            Payload exec = new Payload(frame.payload());
            return Map.entry(exec.number(), exec.text());
        }

        void answer(int id, int status, String stdout) {
            answers.add(new Frame(
                    Frame.EXEC_RESULT,
                    new Request()
                            .number(id)
                            .number(status)
                            .blob(stdout)
                            .blob("grumble")
                            .bytes()));
        }
    }

    private final Shim shim = new Shim();
    private final ShimExec exec = new ShimExec(shim);

    private CompletableFuture<Exec.Result> started(String path) {
        CompletableFuture<Exec.Result> result = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                result.complete(exec.run(path, Map.of(), new byte[0]));
            } catch (IOException e) {
                result.completeExceptionally(e);
            }
        });
        thread.setDaemon(true);
        thread.start();
        return result;
    }

    @Test
    void anExecSaysPathEnvironmentAndStdinAndGetsHowItEnded() throws Exception {
        shim.answer(1, 3, "out");
        Exec.Result result = exec.run("/opt/cni/bin/bridge", Map.of("CNI_COMMAND", "ADD"), new byte[] {1, 2});
        assertEquals(3, result.status());
        assertArrayEquals("out".getBytes(), result.stdout());
        assertArrayEquals("grumble".getBytes(), result.stderr());
        Payload asked = new Payload(shim.asked.take().payload());
        assertEquals(1, asked.number());
        assertEquals("/opt/cni/bin/bridge", asked.text());
        assertEquals(1, asked.number());
        assertEquals("CNI_COMMAND=ADD", asked.text());
        assertArrayEquals(new byte[] {1, 2}, asked.blob());
        asked.end();
    }

    @Test
    void severalAtOnceEachGetTheirOwnResultInWhateverOrderItComes() throws Exception {
        List<CompletableFuture<Exec.Result>> results = new ArrayList<>();
        Map<String, Integer> ids = new java.util.HashMap<>();
        for (int i = 0; i < 8; i++) {
            results.add(started("/p" + i));
        }
        for (int i = 0; i < 8; i++) {
            Map.Entry<Integer, String> next = shim.next();
            ids.put(next.getValue(), next.getKey());
        }
        for (int i = 7; i >= 0; i--) {
            shim.answer(ids.get("/p" + i), 0, "p" + i);
        }
        for (int i = 0; i < 8; i++) {
            assertEquals("p" + i, new String(results.get(i).get().stdout()));
        }
    }

    @Test
    void aShimThatGoesFailsAllThatWaitAndAllThatCome() throws Exception {
        CompletableFuture<Exec.Result> one = started("/one");
        CompletableFuture<Exec.Result> two = started("/two");
        shim.next();
        shim.next();
        shim.answers.add(Shim.GONE);
        for (CompletableFuture<Exec.Result> waiting : List.of(one, two)) {
            assertTrue(assertThrows(ExecutionException.class, waiting::get)
                    .getMessage()
                    .contains("the shim is gone: closed"));
        }
        assertTrue(assertThrows(IOException.class, () -> exec.run("/three", Map.of(), new byte[0]))
                .getMessage()
                .contains("/three was not run"));
        assertTrue(shim.asked.isEmpty());
    }

    @Test
    void nonsenseFromTheShimIsNoResult() {
        for (Frame nonsense : List.of(
                new Frame(Frame.REQUEST, new byte[0]),
                new Frame(Frame.EXEC_RESULT, new byte[3]),
                new Frame(
                        Frame.EXEC_RESULT,
                        new Request().number(77).number(0).blob("").blob("").bytes()),
                new Frame(
                        Frame.EXEC_RESULT,
                        new Request()
                                .number(1)
                                .number(0)
                                .blob("")
                                .blob("")
                                .number(0)
                                .bytes()))) {
            Shim fresh = new Shim();
            fresh.answers.add(nonsense);
            assertThrows(IOException.class, () -> new ShimExec(fresh).run("/one", Map.of(), new byte[0]));
        }
    }

    @Test
    void whatIsTooLongForAFrameIsNotSent() {
        assertThrows(IOException.class, () -> exec.run("/one", Map.of(), new byte[Frame.MAX]));
        assertTrue(shim.asked.isEmpty());
    }

    @Test
    void anEndingSaysWhatHappened() {
        assertEquals("exit code 1", new Exec.Result(1, null, null).ending());
        assertEquals("signal 9", new Exec.Result(Frame.STATUS_SIGNAL + 9, null, null).ending());
        Exec.Result missing = new Exec.Result(Frame.STATUS_NOT_RUN + 2, null, null);
        assertTrue(missing.isNotFound());
        assertTrue(missing.ending().startsWith("errno 2"));
        assertFalse(new Exec.Result(Frame.STATUS_NOT_RUN + 13, null, null).isNotFound());
    }
}

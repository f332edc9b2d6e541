// SPDX-License-Identifier: Apache-2.0
package io.tsncni.shim;

import io.tsncni.cni.CniAnswer;
import io.tsncni.linux.libc.UnixConnection;
import io.tsncni.linux.libc.UnixListener;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Answers shims and tsnctl: a thread a connection, a bounded number of them, nobody but root. */
public final class ShimServer implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(ShimServer.class.getName());
    private static final int CONNECTIONS_MAX = 64;
    private static final Duration IDLE = Duration.ofSeconds(5);
    private static final Duration PEER_TIMEOUT = Duration.ofSeconds(10);
    /** A shim's own deadline (TSN_TIMEOUT) is at most an hour, and then it hangs up. */
    private static final Duration PROGRAM_TIMEOUT = Duration.ofHours(2);

    /** What the agent does with a request. It answers, whatever happens. */
    public interface Handler {
        CniAnswer cni(ShimRequest request);

        /** @param since when the shim gave up waiting and put it aside */
        CniAnswer spooled(ShimRequest request, Instant since);

        /** @param query of tsnctl; an exit code other than 0 says why there is no answer */
        CniAnswer query(String query);
    }

    private final UnixListener listener;
    private final Handler handler;
    private final Semaphore places = new Semaphore(CONNECTIONS_MAX);
    private final ExecutorService threads =
            new ThreadPoolExecutor(0, Integer.MAX_VALUE, IDLE.toSeconds(), TimeUnit.SECONDS, new SynchronousQueue<>());
    private volatile boolean closing;

    private ShimServer(UnixListener listener, Handler handler) {
        this.listener = listener;
        this.handler = handler;
    }

    /** Shims can connect from here on; they are served once {@link #serve} runs. */
    public static ShimServer listen(Path socket, Handler handler) throws IOException {
        return new ShimServer(UnixListener.bind(socket), handler);
    }

    /** Serves until {@link #close}. */
    public void serve() throws IOException, InterruptedException {
        while (true) {
            places.acquire();
            UnixConnection connection;
            try {
                connection = listener.accept();
            } catch (IOException e) {
                places.release();
                if (closing) {
                    return;
                }
                // Out of descriptors, or a peer that left at once: the next one may fare better.
                LOG.log(Level.ERROR, "no connection: {0}", e.getMessage());
                Thread.sleep(100);
                continue;
            }
            threads.execute(() -> {
                try (connection) {
                    converse(connection);
                } catch (IOException e) {
                    LOG.log(Level.WARNING, "conversation broken off: {0}", e.getMessage());
                } finally {
                    places.release();
                }
            });
        }
    }

    private void converse(UnixConnection connection) throws IOException {
        int uid = connection.peerUid();
        if (uid != 0) {
            throw new IOException("peer has uid " + uid + "; only root may talk to the agent");
        }
        connection.timeout(PEER_TIMEOUT);
        Frame frame = Frame.read(connection::readFully);
        CniAnswer answer =
                switch (frame.type()) {
                    case Frame.REQUEST -> cni(frame, connection);
                    case Frame.QUERY -> handler.query(new Payload(frame.payload()).text());
                    default ->
                        throw new IOException("a conversation cannot start with a frame of type " + frame.type());
                };
        connection.write(new Frame(Frame.RESULT, result(answer)).bytes());
    }

    private CniAnswer cni(Frame frame, UnixConnection connection) throws IOException {
        ShimExec.Peer peer = new ShimExec.Peer() {
            @Override
            public void write(byte[] bytes) throws IOException {
                connection.write(bytes);
            }

            @Override
            public Frame read() throws IOException {
                connection.readTimeout(PROGRAM_TIMEOUT);
                return Frame.read(connection::readFully);
            }
        };
        try (ShimRequest request =
                ShimRequest.decode(frame.payload(), connection.takeDescriptor(), new ShimExec(peer))) {
            return handler.cni(request);
        }
    }

    private static byte[] result(CniAnswer answer) {
        return new PayloadWriter().number(answer.exit()).text(answer.stdout()).bytes();
    }

    /** Takes no more requests and gives those under way a moment; a shim that is cut off tries again. */
    @Override
    public void close() throws IOException {
        closing = true;
        listener.close();
        threads.shutdown();
        try {
            if (!threads.awaitTermination(1, TimeUnit.SECONDS)) {
                LOG.log(Level.WARNING, "requests still under way; their shims will try again");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

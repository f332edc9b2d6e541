// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** An agent that says what a test wants it to say; frames.h is the protocol. */
final class ShimPeer implements AutoCloseable {
    static final int REQUEST = 1;
    static final int EXEC = 2;
    static final int EXEC_RESULT = 3;
    static final int RESULT = 4;

    interface Script {
        void talk(Conversation conversation) throws Exception;
    }

    record Request(int protocol, int netns, List<String> env, byte[] stdin, byte[] payload) {}

    record ExecResult(int id, int status, String stdout, String stderr) {}

    private final Path socket;
    private final ServerSocketChannel server;
    private final Thread thread;
    private volatile int conversations;
    private volatile Throwable failure;

    /** Every conversation takes the next script; the last script serves all that follow. */
    ShimPeer(Path dir, Script... scripts) throws IOException {
        socket = dir.resolve("tsnd.sock");
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(socket));
        thread = new Thread(() -> serve(scripts), "peer");
        thread.start();
    }

    int conversations() {
        return conversations;
    }

    private void serve(Script... scripts) {
        try {
            while (true) {
                try (SocketChannel channel = server.accept()) {
                    Script script = scripts[Math.min(conversations++, scripts.length - 1)];
                    script.talk(new Conversation(channel));
                }
            }
        } catch (ClosedChannelException e) {
            // close() ends us this way
        } catch (Throwable e) {
            failure = e;
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        Files.deleteIfExists(socket);
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new InterruptedIOException("while the peer's script ended");
        }
        if (failure != null) {
            throw new AssertionError("the peer's script failed", failure);
        }
    }

    static byte[] u32(int value) {
        return ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(value)
                .array();
    }

    static byte[] blob(byte[] bytes) {
        return join(u32(bytes.length), bytes);
    }

    static byte[] blob(String text) {
        return blob(text.getBytes(UTF_8));
    }

    static byte[] join(byte[]... parts) {
        ByteBuffer all =
                ByteBuffer.allocate(Stream.of(parts).mapToInt(p -> p.length).sum());
        Stream.of(parts).forEach(all::put);
        return all.array();
    }

    static byte[] frame(int type, byte[]... payload) {
        return join(u32(type), blob(join(payload)));
    }

    static byte[] exec(int id, Object path, byte[] stdin, String... env) {
        byte[] variables = join(Arrays.stream(env).map(ShimPeer::blob).toArray(byte[][]::new));
        return frame(EXEC, u32(id), blob(path.toString()), u32(env.length), variables, blob(stdin));
    }

    static byte[] result(int exit, String stdout) {
        return frame(RESULT, u32(exit), blob(stdout));
    }

    static Request parse(ByteBuffer payload) {
        byte[] copy = Arrays.copyOf(payload.array(), payload.capacity());
        int protocol = payload.getInt();
        int netns = payload.getInt();
        List<String> env = new ArrayList<>();
        for (int n = payload.getInt(); n > 0; n--) {
            env.add(new String(take(payload), UTF_8));
        }
        return new Request(protocol, netns, env, take(payload), copy);
    }

    private static byte[] take(ByteBuffer payload) {
        byte[] bytes = new byte[payload.getInt()];
        payload.get(bytes);
        return bytes;
    }

    static final class Conversation {
        private final SocketChannel channel;

        private Conversation(SocketChannel channel) {
            this.channel = channel;
        }

        private ByteBuffer read(int length) throws IOException {
            ByteBuffer buffer = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
            while (buffer.hasRemaining()) {
                if (channel.read(buffer) < 0) {
                    throw new EOFException();
                }
            }
            return buffer.flip();
        }

        private ByteBuffer read(String what, int type) throws IOException {
            ByteBuffer head = read(8);
            if (head.getInt() != type) {
                throw new IOException("not a " + what);
            }
            return read(head.getInt());
        }

        Request request() throws IOException {
            return parse(read("REQUEST", REQUEST));
        }

        ExecResult execResult() throws IOException {
            ByteBuffer payload = read("EXEC_RESULT", EXEC_RESULT);
            return new ExecResult(
                    payload.getInt(),
                    payload.getInt(),
                    new String(take(payload), UTF_8),
                    new String(take(payload), UTF_8));
        }

        void send(byte[]... frames) throws IOException {
            ByteBuffer bytes = ByteBuffer.wrap(join(frames));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }

        /** For what the shim may refuse to hear out. */
        void shout(byte[] bytes) {
            try {
                send(bytes);
            } catch (IOException hungUp) {
                // as it should
            }
        }

        void awaitEnd() {
            try {
                while (channel.read(ByteBuffer.allocate(4096)) >= 0) {}
            } catch (IOException reset) {
                // an end, too
            }
        }
    }
}

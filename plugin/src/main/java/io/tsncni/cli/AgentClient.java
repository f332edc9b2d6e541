// SPDX-License-Identifier: Apache-2.0
package io.tsncni.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tsncni.shim.Frame;
import java.io.EOFException;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Asks the agent, over the socket that the shim uses. */
final class AgentClient {
    private final Path socket;

    AgentClient(Path socket) {
        this.socket = socket;
    }

    JsonNode status() throws IOException {
        return query("status");
    }

    private JsonNode query(String query) throws IOException {
        byte[] text = query.getBytes(StandardCharsets.UTF_8);
        byte[] blob = ByteBuffer.allocate(4 + text.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(text.length)
                .put(text)
                .array();
        try (SocketChannel channel = connect()) {
            Frame result = converse(channel, new Frame(Frame.QUERY, blob));
            ByteBuffer payload = ByteBuffer.wrap(result.payload()).order(ByteOrder.LITTLE_ENDIAN);
            int exit = payload.getInt();
            String answer = new String(result.payload(), 8, payload.getInt(), StandardCharsets.UTF_8);
            if (exit != 0) {
                throw new IOException("the agent cannot say: " + answer);
            }
            return new ObjectMapper().readTree(answer);
        }
    }

    private SocketChannel connect() throws IOException {
        try {
            return SocketChannel.open(UnixDomainSocketAddress.of(socket));
        } catch (IOException e) {
            throw new IOException(
                    "no agent at " + socket + " (" + e.getMessage() + "); is tsnd running, and are you root?", e);
        }
    }

    private static Frame converse(SocketChannel channel, Frame query) throws IOException {
        try {
            channel.write(ByteBuffer.wrap(query.bytes()));
            return Frame.read(length -> read(channel, length));
        } catch (IOException e) {
            throw new IOException("the agent broke off (" + e.getMessage() + "); its log says why", e);
        }
    }

    private static byte[] read(SocketChannel channel, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer) < 0) {
                throw new EOFException("end of stream");
            }
        }
        return buffer.array();
    }
}

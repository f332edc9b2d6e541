// SPDX-License-Identifier: Apache-2.0
package io.tsncni.shim;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** One frame of the conversation that {@code frames.h} describes; the numbers are the same there. */
public record Frame(int type, byte[] payload) {
    public static final int REQUEST = 1;
    public static final int EXEC = 2;
    public static final int EXEC_RESULT = 3;
    public static final int RESULT = 4;
    public static final int QUERY = 5;

    static final int PROTOCOL = 1;
    static final int MAX = 4 << 20;
    static final int ENV_MAX = 1024;
    static final int NETNS_UNSET = -1;
    static final int STATUS_SIGNAL = 0x100;
    static final int STATUS_NOT_RUN = 0x10000;

    private static final int HEADER = 8;

    /** Where bytes come from: all that were asked for, or an exception. */
    public interface Source {
        byte[] readFully(int length) throws IOException;
    }

    public static Frame read(Source source) throws IOException {
        ByteBuffer header = ByteBuffer.wrap(source.readFully(HEADER)).order(ByteOrder.LITTLE_ENDIAN);
        int type = header.getInt();
        int length = header.getInt();
        if (length < 0 || length > MAX) {
            throw new IOException("frame of " + Integer.toUnsignedString(length) + " bytes, at most " + MAX);
        }
        return new Frame(type, source.readFully(length));
    }

    public byte[] bytes() {
        return ByteBuffer.allocate(HEADER + payload.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(type)
                .putInt(payload.length)
                .put(payload)
                .array();
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.shim;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Reads the numbers and blobs of a payload, and believes none of its lengths. */
final class Payload {
    private final ByteBuffer rest;

    Payload(byte[] payload) {
        rest = ByteBuffer.wrap(payload).order(ByteOrder.LITTLE_ENDIAN);
    }

    int number() throws IOException {
        if (rest.remaining() < 4) {
            throw new IOException("frame ends inside a number");
        }
        return rest.getInt();
    }

    byte[] blob() throws IOException {
        int length = number();
        if (length < 0 || length > rest.remaining()) {
            throw new IOException("blob of " + Integer.toUnsignedString(length) + " bytes, " + rest.remaining()
                    + " are left in the frame");
        }
        byte[] blob = new byte[length];
        rest.get(blob);
        return blob;
    }

    String text() throws IOException {
        return new String(blob(), StandardCharsets.UTF_8);
    }

    void end() throws IOException {
        if (rest.hasRemaining()) {
            throw new IOException(rest.remaining() + " bytes too many in the frame");
        }
    }
}

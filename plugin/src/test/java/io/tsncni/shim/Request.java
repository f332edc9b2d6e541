// SPDX-License-Identifier: Apache-2.0
package io.tsncni.shim;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Writes the numbers and blobs of a payload, as put_u32 and put_blob of the shim do. */
final class Request {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    Request number(int number) {
        bytes.writeBytes(ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(number)
                .array());
        return this;
    }

    Request blob(byte[] blob) {
        number(blob.length);
        bytes.writeBytes(blob);
        return this;
    }

    Request blob(String text) {
        return blob(text.getBytes(StandardCharsets.UTF_8));
    }

    byte[] bytes() {
        return bytes.toByteArray();
    }
}

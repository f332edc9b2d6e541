// SPDX-License-Identifier: Apache-2.0
package io.tsncni.shim;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Builds what {@link Payload} reads. */
final class PayloadWriter {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    PayloadWriter number(int value) {
        for (int shift = 0; shift < 32; shift += 8) {
            bytes.write(value >>> shift);
        }
        return this;
    }

    PayloadWriter blob(byte[] value) {
        number(value.length);
        bytes.writeBytes(value);
        return this;
    }

    PayloadWriter text(String value) {
        return blob(value.getBytes(StandardCharsets.UTF_8));
    }

    byte[] bytes() {
        return bytes.toByteArray();
    }
}

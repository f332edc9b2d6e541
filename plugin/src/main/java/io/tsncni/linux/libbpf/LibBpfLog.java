// SPDX-License-Identifier: Apache-2.0
package io.tsncni.linux.libbpf;

import com.sun.jna.Pointer;
import io.tsncni.linux.libc.LibC;
import java.nio.charset.StandardCharsets;

/** Keeps what libbpf says on this thread, the verifier's words included, for the exception that may follow. */
final class LibBpfLog {
    private static final int LINE_MAX = 4096;
    private static final int KEPT_MAX = 16 * 1024;
    private static final int LIBBPF_WARN = 0;
    private static final ThreadLocal<StringBuilder> SAID = ThreadLocal.withInitial(StringBuilder::new);

    /** Held in a static field: libbpf keeps the pointer, and a collected callback crashes the JVM. */
    private static final LibBpf.Printer PRINTER = LibBpfLog::print;

    private LibBpfLog() {}

    static void capture() {
        LibBpf.libbpf_set_print(PRINTER);
    }

    /** What was said since the last time, once. */
    static String take() {
        String said = SAID.get().toString().strip();
        SAID.get().setLength(0);
        return said;
    }

    private static int print(int level, Pointer format, Pointer arguments) {
        StringBuilder said = SAID.get();
        if (level == LIBBPF_WARN && said.length() < KEPT_MAX) {
            byte[] line = new byte[LINE_MAX];
            // A va_list travels as a pointer on amd64 and arm64 alike.
            int length = LibC.vsnprintf(line, line.length, format, arguments);
            said.append(new String(line, 0, Math.max(0, Math.min(length, LINE_MAX - 1)), StandardCharsets.UTF_8));
        }
        return 0;
    }
}

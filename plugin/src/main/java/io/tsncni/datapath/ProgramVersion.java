// SPDX-License-Identifier: Apache-2.0
package io.tsncni.datapath;

import io.tsncni.linux.libbpf.BpfObject;
import io.tsncni.linux.libbpf.BpfProgram;
import java.io.IOException;
import java.nio.file.Path;
import java.util.OptionalLong;

/** This agent's version of a program, told from another agent's by the kernel's digest of it. */
final class ProgramVersion {
    private final Path object;
    private final String program;
    private OptionalLong tag = OptionalLong.empty();

    ProgramVersion(Path object, String program) {
        this.object = object;
        this.program = program;
    }

    /** Whether the program pinned in that directory is this one. */
    boolean isOf(Path directory) throws IOException {
        try (BpfProgram pinned = BpfProgram.pinned(directory.resolve("program"))) {
            return pinned.tag() == tag();
        }
    }

    /** The digest is of what the kernel was given, so it has to be loaded once. */
    private synchronized long tag() throws IOException {
        if (tag.isEmpty()) {
            try (BpfObject own = BpfObject.open(object).load()) {
                tag = OptionalLong.of(own.program(program).tag());
            }
        }
        return tag.getAsLong();
    }
}

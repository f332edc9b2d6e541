// SPDX-License-Identifier: Apache-2.0
package io.tsncni.datapath;

import io.tsncni.linux.libbpf.BpfLink;
import io.tsncni.linux.libbpf.BpfProgram;
import io.tsncni.linux.libbpf.ClsactFilter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The egress hook of a device of the calling thread's namespace, by whichever carrier. A program has a directory of
 * pins: {@code program} in any case, {@code link} if tcx holds it.
 */
final class Hook {
    private Hook() {}

    static void attach(Carrier carrier, BpfProgram program, Path directory, int ifIndex) throws IOException {
        if (carrier == Carrier.TCX) {
            try (BpfLink link = BpfLink.tcxEgress(program, ifIndex)) {
                link.pin(directory.resolve("link"));
            }
        } else {
            ClsactFilter.attach(program, ifIndex);
        }
    }

    /** Whether the directory's program runs on that device. */
    static boolean holds(Path directory, int ifIndex) throws IOException {
        if (Files.exists(directory.resolve("link"))) {
            try (BpfLink link = BpfLink.pinned(directory.resolve("link"))) {
                return link.ifIndex() == ifIndex;
            }
        }
        if (!Files.exists(directory.resolve("program"))) {
            return false;
        }
        try (BpfProgram program = BpfProgram.pinned(directory.resolve("program"))) {
            return ClsactFilter.find(ifIndex, program.name()).equals(Optional.of(program.id()));
        }
    }

    /** @return whether tcx held it, and so no filter is left to look for */
    static boolean unlink(Path directory) throws IOException {
        Path pin = directory.resolve("link");
        if (!Files.exists(pin)) {
            return false;
        }
        try (BpfLink link = BpfLink.pinned(pin)) {
            link.detach();
        }
        Files.delete(pin);
        return true;
    }
}

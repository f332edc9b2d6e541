// SPDX-License-Identifier: Apache-2.0
package io.tsncni.datapath;

import io.tsncni.linux.libbpf.BpfLink;
import io.tsncni.linux.libbpf.BpfProgram;
import io.tsncni.linux.libbpf.ClsactFilter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
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

    /** Puts a newer program in the place of the directory's; every packet meets one of them. */
    static void replace(BpfProgram newer, Path directory, int ifIndex) throws IOException {
        if (holds(directory, ifIndex)) {
            swap(newer, directory, ifIndex);
        }
        // Last: until here the older one's pin says that there is something to replace.
        Path incoming = directory.resolve("incoming");
        Files.deleteIfExists(incoming);
        newer.pin(incoming);
        Files.move(incoming, directory.resolve("program"), StandardCopyOption.ATOMIC_MOVE);
    }

    private static void swap(BpfProgram newer, Path directory, int ifIndex) throws IOException {
        if (!Files.exists(directory.resolve("link"))) {
            ClsactFilter.attach(newer, ifIndex);
            return;
        }
        try (BpfLink link = BpfLink.pinned(directory.resolve("link"))) {
            link.update(newer);
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

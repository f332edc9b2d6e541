// SPDX-License-Identifier: Apache-2.0
package io.tsncni.testbed;

import io.tsncni.linux.libbpf.BpfException;
import io.tsncni.linux.libbpf.BpfObject;
import io.tsncni.linux.libbpf.BpfProgram;
import io.tsncni.linux.libbpf.BpfTestRun;
import io.tsncni.linux.libbpf.BpfTrace;
import io.tsncni.linux.libc.Fd;
import io.tsncni.linux.libc.LibC;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;

/** The published address-map algorithm, bench/address_map.h: loaded and collecting, for somebody to attach. */
final class AddressMap implements AutoCloseable {
    private static final int FRAME = 64;

    private final Deque<BpfObject> objects = new ArrayDeque<>();
    private final Optional<Fd> tracing;
    private String whyNoTracing = "";

    AddressMap(Artifacts artifacts) throws IOException {
        BpfObject programs = BpfObject.open(artifacts.bpf("address_map")).load();
        objects.push(programs);
        int verdict = BpfTestRun.run(programs.program("map_start_collecting"), new byte[FRAME], Map.of(), 1)
                .verdict();
        if (verdict != -1) {
            throw new IOException("address_map.bpf.o: the kernel starts no timer for it");
        }
        tracing = trackClones(artifacts, programs);
    }

    private Optional<Fd> trackClones(Artifacts artifacts, BpfObject programs) throws IOException {
        BpfObject clones = BpfObject.open(artifacts.bpf("address_map_clones"));
        objects.push(clones);
        try {
            clones.share("saved", programs.map("saved")).load();
            return Optional.of(BpfTrace.attach(clones.program("map_clone")));
        } catch (BpfException e) {
            // A kernel that is locked down; the algorithm goes on without.
            whyNoTracing = LibC.strerror(e.errno());
            return Optional.empty();
        }
    }

    BpfProgram saver() throws IOException {
        return objects.getLast().program("map_saver");
    }

    BpfProgram restorer() throws IOException {
        return objects.getLast().program("map_restorer");
    }

    /** For the report. */
    String tracking() {
        return tracing.isPresent()
                ? "clones tracked"
                : "no clones tracked, as the kernel refuses tracing programs (" + whyNoTracing + ")";
    }

    @Override
    public void close() {
        tracing.ifPresent(Fd::close);
        objects.forEach(BpfObject::close);
    }
}

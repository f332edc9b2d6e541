// SPDX-License-Identifier: Apache-2.0
package io.tsncni.datapath;

import io.tsncni.linux.libbpf.BpfLink;
import io.tsncni.linux.libbpf.BpfMap;
import io.tsncni.linux.libbpf.BpfObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.function.Function;

/**
 * Our half in the kernel. What it sets up outlives the process; opening it again finds it as it is.
 *
 * @param carrier what new attachments use
 * @param tcxSupported whether the kernel has tcx, wanted or not
 * @param slots what the programs share
 * @param pins held so that no other agent takes them for its own
 */
public record Datapath(
        Carrier carrier,
        boolean tcxSupported,
        Kernel kernel,
        Savers savers,
        Restorers restorers,
        Peers peers,
        Slots slots,
        PinTree pins)
        implements AutoCloseable {
    private static final Set<String> FORCEABLE = Set.of("clsact", "slots");

    /**
     * @param bpffs a mounted BPF file system
     * @param objects the directory of the compiled programs
     * @param force kernel features to leave unused, by their fallback: {@code clsact}, {@code slots}
     */
    public static Datapath open(Path bpffs, Path objects, Set<String> force, Function<String, NicSettings> settings)
            throws IOException {
        for (String feature : force) {
            if (!feature.isEmpty() && !FORCEABLE.contains(feature)) {
                throw new IOException("TSN_FORCE: '" + feature + "' is none of: clsact, slots");
            }
        }
        PinTree pins = PinTree.open(bpffs);
        Layout.require(pins);
        Identity identity = Identity.loadOrCreate(pins.identity());
        Kernel kernel = Kernel.probe(objects, force.contains("slots"));
        Path restorer = objects.resolve("restorer.bpf.o");
        boolean tcx;
        Slots slots;
        try (BpfObject probe = BpfObject.open(restorer).load()) {
            tcx = BpfLink.tcxSupported(probe.program("tsn_restorer"));
            slots = Slots.of(pins, probe);
            if (!Files.exists(pins.peers())) {
                probe.map("peers").pin(pins.peers());
            }
        }
        Carrier carrier = tcx && !force.contains("clsact") ? Carrier.TCX : Carrier.CLSACT;
        Peers peers = new Peers(BpfMap.pinned(pins.peers()));
        return new Datapath(
                carrier,
                tcx,
                kernel,
                new Savers(pins, objects.resolve("saver.bpf.o"), identity, kernel, slots, carrier, peers),
                new Restorers(pins, restorer, identity, kernel, slots, carrier, peers, settings),
                peers,
                slots,
                pins);
    }

    @Override
    public void close() {
        peers.close();
        slots.close();
        pins.close();
    }
}

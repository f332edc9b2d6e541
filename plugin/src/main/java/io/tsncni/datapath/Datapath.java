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
 * @param pins held so that no other agent takes them for its own
 */
public record Datapath(
        Carrier carrier, boolean tcxSupported, Savers savers, Restorers restorers, Peers peers, PinTree pins)
        implements AutoCloseable {

    /**
     * @param bpffs a mounted BPF file system
     * @param objects the directory of the compiled programs
     * @param force kernel features to leave unused, by their fallback: {@code clsact}
     */
    public static Datapath open(Path bpffs, Path objects, Set<String> force, Function<String, NicSettings> settings)
            throws IOException {
        for (String feature : force) {
            if (!feature.isEmpty() && !feature.equals("clsact")) {
                throw new IOException("TSN_FORCE: '" + feature + "' is none of: clsact");
            }
        }
        PinTree pins = PinTree.open(bpffs);
        Identity identity = Identity.loadOrCreate(pins.identity());
        Path restorer = objects.resolve("restorer.bpf.o");
        boolean tcx;
        try (BpfObject probe = BpfObject.open(restorer).load()) {
            tcx = BpfLink.tcxSupported(probe.program("tsn_restorer"));
            if (!Files.exists(pins.peers())) {
                probe.map("peers").pin(pins.peers());
            }
        }
        Carrier carrier = tcx && !force.contains("clsact") ? Carrier.TCX : Carrier.CLSACT;
        Peers peers = new Peers(BpfMap.pinned(pins.peers()));
        return new Datapath(
                carrier,
                tcx,
                new Savers(pins, objects.resolve("saver.bpf.o"), identity, carrier, peers),
                new Restorers(pins, restorer, identity, carrier, peers, settings),
                peers,
                pins);
    }

    @Override
    public void close() {
        peers.close();
        pins.close();
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.datapath;

import io.tsncni.linux.libbpf.BpfLink;
import io.tsncni.linux.libbpf.BpfMap;
import io.tsncni.linux.libbpf.BpfObject;
import io.tsncni.linux.netlink.Link;
import io.tsncni.linux.netlink.RouteSocket;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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

    /**
     * How many of each were there.
     *
     * @param failed what is still there, and why
     */
    public record Removed(int savers, int restorers, List<String> failed) {}

    /**
     * Takes every program and pin away, whichever agent has made them; nothing there is fine. A saver that clsact holds
     * goes with its pod, or by {@link Savers#detachFilter}. A NIC's clsact qdisc stays: others may use it by now, and
     * without it a taprio that runs would stop.
     */
    public static Removed remove(Path bpffs) throws IOException {
        if (!Files.exists(bpffs.resolve("tsn"))) {
            return new Removed(0, 0, List.of());
        }
        try (PinTree pins = PinTree.open(bpffs)) {
            List<String> failed = new ArrayList<>();
            Set<String> savers = pins.savers();
            for (String saver : savers) {
                attempt("saver " + saver, failed, () -> Savers.removePins(pins.saver(saver)));
            }
            int before = failed.size();
            Set<String> nics = pins.nics();
            List<Link> links = RouteSocket.links();
            for (String nic : nics) {
                attempt("restorer of " + nic, failed, () -> Restorers.detach(pins.nic(nic), links));
            }
            if (failed.size() == before) {
                // Else nobody would know any more where a filter is.
                attempt("pins in " + bpffs, failed, pins::removeAll);
            }
            return new Removed(savers.size(), nics.size(), failed);
        }
    }

    private interface Removal {
        void run() throws IOException;
    }

    /** One that fails must not keep the others. */
    private static void attempt(String what, List<String> failed, Removal removal) {
        try {
            removal.run();
        } catch (IOException e) {
            failed.add(what + ": " + e.getMessage());
        }
    }

    @Override
    public void close() {
        restorers.close();
        savers.close();
        peers.close();
        slots.close();
        pins.close();
    }
}

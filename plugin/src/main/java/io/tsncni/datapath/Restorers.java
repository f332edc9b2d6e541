// SPDX-License-Identifier: Apache-2.0
package io.tsncni.datapath;

import io.tsncni.linux.libbpf.BpfMap;
import io.tsncni.linux.libbpf.BpfObject;
import io.tsncni.linux.libbpf.BpfProgram;
import io.tsncni.linux.libbpf.ClsactFilter;
import io.tsncni.linux.libc.Clock;
import io.tsncni.linux.netlink.Link;
import io.tsncni.linux.netlink.Qdisc;
import io.tsncni.linux.netlink.RouteSocket;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** The programs on the egress NICs, one a NIC, kept while an attachment wants it. */
public final class Restorers {
    private static final System.Logger LOG = System.getLogger(Restorers.class.getName());
    private static final String PROGRAM = "tsn_restorer";

    private final PinTree pins;
    private final Path object;
    private final Identity identity;
    private final Kernel kernel;
    private final Slots slots;
    private final Carrier carrier;
    private final Peers peers;
    private final ProgramVersion version;
    private final Function<String, NicSettings> settings;

    /** Where each NIC's restorer sits, by ifindex; without an entry the NIC is away, or its restorer failed. */
    private final Map<String, Integer> attachedTo = new ConcurrentHashMap<>();

    /** How often each NIC went away, since this process has started. */
    private final Map<String, Long> losses = new ConcurrentHashMap<>();

    /** What each NIC's restorer was told by this process. */
    private final Map<String, NicConfig> configured = new TreeMap<>();

    /** What each NIC's packets are queued by, as last read. */
    private final Map<String, String> qdiscsSeen = new TreeMap<>();

    private final Map<String, IOException> failures = new TreeMap<>();
    private boolean closed;

    Restorers(
            PinTree pins,
            Path object,
            Identity identity,
            Kernel kernel,
            Slots slots,
            Carrier carrier,
            Peers peers,
            Function<String, NicSettings> settings) {
        this.pins = pins;
        this.object = object;
        this.identity = identity;
        this.kernel = kernel;
        this.slots = slots;
        this.carrier = carrier;
        this.peers = peers;
        this.settings = settings;
        this.version = new ProgramVersion(object, PROGRAM);
    }

    /**
     * Makes the restorers those of exactly the wanted NICs, as far as these are there. Safe at any time and any number
     * of times: at start, after ADD and DEL, and whenever a device comes or goes.
     *
     * @param wantedNow asked under the lock, so that the last word of two callers is about the newest state
     */
    public synchronized void reconcile(Supplier<Set<String>> wantedNow) throws IOException {
        if (closed) {
            return;
        }
        Set<String> wanted = wantedNow.get();
        Map<String, Link> links =
                RouteSocket.links().stream().collect(Collectors.toMap(Link::name, Function.identity(), (a, b) -> a));
        failures.clear();
        for (String nic : pins.nics()) {
            if (!wanted.contains(nic)) {
                attempt(nic, () -> remove(nic, links));
            }
        }
        Map<String, Link> present = new TreeMap<>(links);
        present.keySet().retainAll(wanted);
        wanted.stream().filter(nic -> !present.containsKey(nic)).forEach(this::miss);

        List<Qdisc> qdiscs = present.isEmpty() ? List.of() : RouteSocket.qdiscs();
        NicStack stack = new NicStack(links.values());
        Set<String> passOn = stack.above(wanted);
        // First what each does, then where: one above has to pass stamps on before the one below looks for them.
        present.forEach((nic, link) -> attempt(
                nic,
                () -> prepare(
                        nic,
                        link.index(),
                        passOn.contains(nic),
                        QueueingDisciplines.of(stack.downFrom(link), qdiscs))));
        present.forEach((nic, link) -> attempt(nic, () -> ensureOn(nic, link.index(), links, qdiscs)));
    }

    /** Nothing is attached any more when this returns. */
    synchronized void close() {
        closed = true;
    }

    private void miss(String nic) {
        qdiscsSeen.remove(nic);
        if (attachedTo.remove(nic) != null) {
            losses.merge(nic, 1L, Long::sum);
            LOG.log(Level.WARNING, "{0} is gone; its restorer returns with it", nic);
        }
    }

    private interface Step {
        void run() throws IOException;
    }

    /** What is wrong with one NIC is not the fault of a pod that uses another. */
    private void attempt(String nic, Step step) {
        if (failures.containsKey(nic)) {
            return;
        }
        try {
            step.run();
        } catch (IOException e) {
            attachedTo.remove(nic);
            configured.remove(nic);
            failures.put(nic, e);
            LOG.log(Level.ERROR, "restorer of {0}: {1}", nic, e.getMessage());
        }
    }

    /** Sees that there is a program, this agent's, and that it knows what to do. */
    private void prepare(String nic, int ifIndex, boolean passOn, QueueingDisciplines qdiscs) throws IOException {
        Path directory = pins.nic(nic);
        if (!Files.exists(directory.resolve("program"))) {
            load(directory);
        } else if (!configured.containsKey(nic) && !version.isOf(directory)) {
            renew(directory, ifIndex);
            LOG.log(Level.INFO, "{0}: the restorer is this version''s now; its counters go on", nic);
        }
        int flags =
                settings.apply(nic).flags() | (passOn ? Stamp.NIC_PASS_ON : 0) | (qdiscs.hasFq() ? Stamp.NIC_FQ : 0);
        NicConfig config = new NicConfig(flags, taiOffset());
        if (!config.equals(configured.get(nic))) {
            try (BpfMap map = BpfMap.pinned(directory.resolve("config"))) {
                map.put(0, config.bytes());
            }
            configured.put(nic, config);
        }
        String found = qdiscs.toString();
        if (!found.equals(qdiscsSeen.put(nic, found))) {
            LOG.log(Level.INFO, "{0}: queueing disciplines: {1}", nic, found);
            qdiscs.warnings().forEach(warning -> LOG.log(Level.WARNING, "{0}: {1}", nic, warning));
        }
    }

    /** In seconds. Whoever keeps the node's time sets it, perhaps long after the boot. */
    private static int taiOffset() throws IOException {
        return (int) Math.round((Clock.TAI.now() - Clock.REALTIME.now()) / 1e9);
    }

    /** struct nic_config. */
    private record NicConfig(int flags, int taiOffset) {
        byte[] bytes() {
            return Stamp.words(flags, taiOffset);
        }
    }

    private void ensureOn(String nic, int ifIndex, Map<String, Link> links, List<Qdisc> qdiscs) throws IOException {
        Path directory = pins.nic(nic);
        if (!Hook.holds(directory, ifIndex)) {
            detach(directory, links.values());
            try (BpfProgram program = BpfProgram.pinned(directory.resolve("program"))) {
                if (carrier == Carrier.CLSACT) {
                    requireRoomForClsact(nic, ifIndex, qdiscs);
                }
                Hook.attach(carrier, program, directory, ifIndex);
            }
            LOG.log(Level.INFO, "restorer on {0} (ifindex {1}, {2})", nic, String.valueOf(ifIndex), carrier);
        }
        attachedTo.put(nic, ifIndex);
    }

    private void load(Path directory) throws IOException {
        PinTree.remove(directory);
        Files.createDirectory(directory);
        try (BpfObject restorer = BpfObject.open(object)) {
            withWhatAllShare(restorer).load();
            restorer.map("restorer_stats").pin(directory.resolve("counters"));
            restorer.map("nic").pin(directory.resolve("config"));
            // Last: what has a program is complete.
            restorer.program(PROGRAM).pin(directory.resolve("program"));
        }
    }

    private void renew(Path directory, int ifIndex) throws IOException {
        try (BpfObject restorer = BpfObject.open(object);
                BpfMap config = BpfMap.pinned(directory.resolve("config"));
                BpfMap counters = BpfMap.pinned(directory.resolve("counters"))) {
            withWhatAllShare(restorer)
                    .share("nic", config)
                    .share("restorer_stats", counters)
                    .load();
            Hook.replace(restorer.program(PROGRAM), directory, ifIndex);
        }
    }

    private BpfObject withWhatAllShare(BpfObject restorer) throws IOException {
        return slots.sharedWith(restorer)
                .initialValue(".rodata", Stamp.words(identity.tag(), identity.proof(), kernel.flags()))
                .share("peers", peers.map());
    }

    /** Measured on 6.1: clsact under a taprio that runs already stops the NIC's traffic until both are set up anew. */
    private static void requireRoomForClsact(String nic, int ifIndex, List<Qdisc> qdiscs) throws IOException {
        List<String> kinds = qdiscs.stream()
                .filter(qdisc -> qdisc.ifIndex() == ifIndex)
                .map(Qdisc::kind)
                .toList();
        if (kinds.contains("taprio") && !kinds.contains("clsact")) {
            throw new IOException(nic + " runs taprio without clsact, and to add clsact now would stop its traffic"
                    + " (a kernel with tcx, 6.6 or later, needs none); run 'tc qdisc add dev " + nic
                    + " clsact' before taprio is set up");
        }
    }

    /** From wherever it sits, also under a name that the NIC got later. Program and counters stay. */
    static void detach(Path directory, Collection<Link> links) throws IOException {
        if (Hook.unlink(directory)) {
            return;
        }
        for (Link link : links) {
            if (Hook.holds(directory, link.index())) {
                ClsactFilter.detach(link.index(), PROGRAM);
            }
        }
    }

    private void remove(String nic, Map<String, Link> links) throws IOException {
        detach(pins.nic(nic), links.values());
        attachedTo.remove(nic);
        configured.remove(nic);
        qdiscsSeen.remove(nic);
        PinTree.remove(pins.nic(nic));
        LOG.log(Level.INFO, "restorer removed from {0}", nic);
    }

    public NicSettings settings(String nic) {
        return settings.apply(nic);
    }

    /** The ifindex that a NIC's restorer sits on; empty while the NIC is away. */
    public Optional<Integer> attachedTo(String nic) {
        return Optional.ofNullable(attachedTo.get(nic));
    }

    /** What holds a NIC's restorer; empty while the NIC is away. */
    public Optional<Carrier> carrier(String nic) {
        return attachedTo(nic).map(index -> Files.exists(pins.nic(nic).resolve("link")) ? Carrier.TCX : Carrier.CLSACT);
    }

    public long losses(String nic) {
        return losses.getOrDefault(nic, 0L);
    }

    /** Those that a NIC's packets go through, the devices below it included. */
    public synchronized Optional<String> qdiscs(String nic) {
        return Optional.ofNullable(qdiscsSeen.get(nic));
    }

    /** Why a NIC that is there has no restorer. */
    public synchronized Optional<IOException> failure(String nic) {
        return Optional.ofNullable(failures.get(nic));
    }

    /** Whether a NIC's restorer runs on the device that has the NIC's name now. */
    public synchronized boolean isOn(String nic) throws IOException {
        Optional<Link> link = RouteSocket.link(nic);
        return link.isPresent() && Hook.holds(pins.nic(nic), link.get().index());
    }

    public Optional<RestorerCounters> counters(String nic) throws IOException {
        return BpfMap.ifPinned(pins.nic(nic).resolve("counters"), map -> RestorerCounters.sum(map.getPerCpu(0)));
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.datapath;

import io.tsncni.cni.AttachmentKey;
import io.tsncni.linux.libbpf.BpfLink;
import io.tsncni.linux.libbpf.BpfMap;
import io.tsncni.linux.libbpf.BpfObject;
import io.tsncni.linux.libbpf.BpfProgram;
import io.tsncni.linux.libbpf.ClsactFilter;
import io.tsncni.linux.netlink.Link;
import io.tsncni.linux.netlink.RouteSocket;
import io.tsncni.linux.netns.NetworkNamespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/** The programs on the pods' interfaces, one an attachment, each with a policy and counters of its own. */
public final class Savers {
    private static final String PROGRAM = "tsn_saver";

    private final PinTree pins;
    private final Path object;
    private final Identity identity;
    private final Kernel kernel;
    private final Slots slots;
    private final Carrier carrier;
    private final Peers peers;
    private final ProgramVersion version;
    private volatile boolean closed;

    Savers(PinTree pins, Path object, Identity identity, Kernel kernel, Slots slots, Carrier carrier, Peers peers) {
        this.pins = pins;
        this.object = object;
        this.identity = identity;
        this.kernel = kernel;
        this.slots = slots;
        this.carrier = carrier;
        this.peers = peers;
        this.version = new ProgramVersion(object, PROGRAM);
    }

    /** Nothing is attached any more from here on. */
    void close() {
        closed = true;
    }

    /** Puts a saver on the interface; the attachment must have none. */
    public void attach(AttachmentKey key, NetworkNamespace namespace, PodInterface pod, Policy policy)
            throws IOException {
        if (closed) {
            throw new IOException("the agent is about to end");
        }
        Path directory = Files.createDirectory(pins.saver(key));
        int ifIndex = pod.link().index();
        try (BpfObject saver = BpfObject.open(object)) {
            slots.sharedWith(saver)
                    .initialValue(".rodata", readOnlyData(pod.keepsPriority()))
                    .load();
            write(saver.map("policy").pin(directory.resolve("policy")), policy);
            saver.map("saver_stats").pin(directory.resolve("counters"));
            BpfProgram program = saver.program(PROGRAM).pin(directory.resolve("program"));
            namespace.call(() -> {
                Hook.attach(carrier, program, directory, ifIndex);
                return null;
            });
        }
        if (pod.peerIndex() != 0) {
            peers.add(pod.peerIndex(), policy.rows());
        }
    }

    /**
     * Puts this agent's program in the place of another version's; policy and counters stay. One that clsact holds is in
     * a namespace that this agent was never handed, and stays as long as its pod.
     *
     * @param keepsPriority as the interface was found when the saver was attached
     * @return whether it was another's
     */
    public boolean renew(AttachmentKey key, int ifIndex, boolean keepsPriority) throws IOException {
        Path directory = pins.saver(key);
        if (closed || !Files.exists(directory.resolve("link")) || version.isOf(directory)) {
            return false;
        }
        try (BpfObject saver = BpfObject.open(object);
                BpfMap policy = BpfMap.pinned(directory.resolve("policy"));
                BpfMap counters = BpfMap.pinned(directory.resolve("counters"))) {
            slots.sharedWith(saver)
                    .initialValue(".rodata", readOnlyData(keepsPriority))
                    .share("policy", policy)
                    .share("saver_stats", counters)
                    .load();
            Hook.replace(saver.program(PROGRAM), directory, ifIndex);
        }
        return true;
    }

    /**
     * Gives an attached saver another policy; no packet is lost or sees half of each.
     *
     * @param peerIndex of the pod's host-side device; 0 if there is none
     */
    public void update(AttachmentKey key, Policy policy, int peerIndex) throws IOException {
        if (peerIndex != 0) {
            peers.change(peerIndex, policy.rows());
        }
        try (BpfMap map = BpfMap.pinned(pins.saver(key).resolve("policy"))) {
            write(map, policy);
        }
    }

    /**
     * Takes away whatever there is of an attachment's saver. Without the namespace a clsact filter stays on the
     * interface until the namespace goes; a tcx link goes in any case.
     */
    public void detach(AttachmentKey key, Optional<NetworkNamespace> namespace, String ifName) throws IOException {
        boolean wasLinked = removePins(pins.saver(key));
        if (!wasLinked && namespace.isPresent()) {
            detachFilter(namespace.get(), ifName);
        }
    }

    /** Takes a saver away that clsact holds, whoever has attached it; nothing there is fine. */
    public static void detachFilter(NetworkNamespace namespace, String ifName) throws IOException {
        namespace.call(() -> {
            Optional<Link> link = RouteSocket.link(ifName);
            if (link.isPresent()) {
                ClsactFilter.detach(link.get().index(), PROGRAM);
            }
            return null;
        });
    }

    /** Takes away a saver of which only the pins are known. */
    public void removeOrphan(String fileName) throws IOException {
        removePins(pins.saver(fileName));
    }

    /** @return whether there was a tcx link, and so no filter to look for */
    static boolean removePins(Path directory) throws IOException {
        boolean linked = Hook.unlink(directory);
        PinTree.remove(directory);
        return linked;
    }

    /** Whether there is anything of an attachment's saver. */
    public boolean hasPins(AttachmentKey key) {
        return Files.exists(pins.saver(key));
    }

    public Set<String> fileNames() throws IOException {
        return pins.savers();
    }

    public SaverState state(AttachmentKey key) throws IOException {
        Path directory = pins.saver(key);
        if (!Files.exists(directory.resolve("program"))) {
            return SaverState.LOST;
        }
        Optional<BpfLink> pinned = BpfLink.ifPinned(directory.resolve("link"));
        if (pinned.isEmpty()) {
            return SaverState.ATTACHED_UNSEEN;
        }
        try (BpfLink link = pinned.get()) {
            return link.ifIndex() == 0 ? SaverState.DETACHED : SaverState.ATTACHED;
        }
    }

    /** Whether the attachment's own program runs on that interface, as seen from inside the namespace. */
    public boolean isOn(AttachmentKey key, NetworkNamespace namespace, int ifIndex) throws IOException {
        return namespace.call(() -> Hook.holds(pins.saver(key), ifIndex));
    }

    public Optional<SaverCounters> counters(AttachmentKey key) throws IOException {
        return BpfMap.ifPinned(pins.saver(key).resolve("counters"), map -> SaverCounters.sum(map.getPerCpu(0)));
    }

    private byte[] readOnlyData(boolean direct) {
        return Stamp.words(identity.tag(), identity.proof(), direct ? 1 : 0, kernel.flags());
    }

    private static void write(BpfMap map, Policy policy) throws IOException {
        for (int from = 0; from < Stamp.ROWS; from++) {
            map.put(from, policy.entry(from));
        }
    }
}

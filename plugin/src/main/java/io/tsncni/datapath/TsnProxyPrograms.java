// SPDX-License-Identifier: Apache-2.0
package io.tsncni.datapath;

import io.tsncni.linux.libbpf.BpfException;
import io.tsncni.linux.libbpf.BpfProgram;
import io.tsncni.linux.libbpf.PinnedObject;
import io.tsncni.linux.libbpf.PinnedObject.Kind;
import io.tsncni.linux.libbpf.TcxHook;
import io.tsncni.linux.libc.LibC;
import io.tsncni.linux.netlink.Link;
import io.tsncni.linux.netlink.RouteSocket;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What tsn-proxy (github.com/EricssonResearch/tsn-proxy, 4a9e420) has in the kernel of a node: at each ADD its script has
 * bpftool load and pin what is not pinned yet, and attach a restorer to the NIC, or without a NIC to the pod's host-side
 * device, and a saver inside the pod. bpftool attaches without a link, so these stay until they are detached or their
 * device goes; a saver is out of reach from here.
 *
 * @param pins and directories that have nothing else in them, in the order in which they are to go
 */
public record TsnProxyPrograms(List<Attached> attached, List<Path> pins) {
    public static final TsnProxyPrograms NOTHING = new TsnProxyPrograms(List.of(), List.of());

    /** The kernel keeps 15 characters of a name. */
    private static final String RESTORER = "restore_metadat";

    private static final String SAVER = "save_metadata";
    private static final String MAP = "tsn_map";

    /** What it pins, by file name. The tracker is a link, which traces every skb_clone() of the node. */
    private static final Map<String, Set<PinnedObject>> PINS = Map.of(
            "tracking",
            Set.of(
                    new PinnedObject(Kind.LINK, "fexit_skb_clone"),
                    // bpftool pins the program if it cannot attach it.
                    new PinnedObject(Kind.PROGRAM, "fexit_skb_clone")),
            "garbage_collector",
            Set.of(new PinnedObject(Kind.PROGRAM, "garbage_collect")),
            "restorer",
            Set.of(new PinnedObject(Kind.PROGRAM, RESTORER)),
            "saver",
            Set.of(new PinnedObject(Kind.PROGRAM, SAVER)),
            "timer_map",
            Set.of(new PinnedObject(Kind.MAP, "timer_map")),
            MAP,
            Set.of(new PinnedObject(Kind.MAP, MAP)));

    /** A program of its on a device. */
    public record Attached(Link device, TcxHook hook, int program) {
        @Override
        public String toString() {
            return device.name() + ", " + hook + ": program " + program + ", which restores priorities";
        }
    }

    /** On the devices of the calling thread's namespace, and in this BPF file system. */
    public static TsnProxyPrograms find(Path bpffs) throws IOException {
        return new TsnProxyPrograms(onDevices(), inFileSystem(bpffs));
    }

    private static List<Attached> onDevices() throws IOException {
        List<Attached> found = new ArrayList<>();
        for (Link link : RouteSocket.links()) {
            for (TcxHook hook : TcxHook.values()) {
                for (int id : hook.programs(link.index())) {
                    if (isRestorer(id)) {
                        found.add(new Attached(link, hook, id));
                    }
                }
            }
        }
        return found;
    }

    private static boolean isRestorer(int id) throws IOException {
        try (BpfProgram program = BpfProgram.byId(id)) {
            return program.name().equals(RESTORER);
        } catch (BpfException e) {
            if (e.errno() == LibC.ENOENT) {
                return false;
            }
            throw e;
        }
    }

    private static List<Path> inFileSystem(Path bpffs) throws IOException {
        List<Path> found = new ArrayList<>();
        if (!Files.isDirectory(bpffs)) {
            return found;
        }
        for (String name : PINS.keySet().stream().sorted().toList()) {
            if (isPin(bpffs.resolve(name), name)) {
                found.add(bpffs.resolve(name));
            }
        }
        try (Stream<Path> all = Files.list(bpffs)) {
            // Of its DaemonSet's installer: a map in a directory that is named as the node is.
            for (Path directory : all.filter(Files::isDirectory).sorted().toList()) {
                Path map = directory.resolve(MAP);
                if (isPin(map, MAP)) {
                    found.add(map);
                    found.add(directory);
                }
            }
        }
        return found;
    }

    /** By what it is: others may pin something under such a name, too. */
    private static boolean isPin(Path pin, String name) throws IOException {
        Optional<PinnedObject> object = PinnedObject.at(pin);
        return object.isPresent() && PINS.get(name).contains(object.get());
    }

    public boolean isEmpty() {
        return attached.isEmpty() && pins.isEmpty();
    }

    /** Takes all of it away; what is gone already is fine. */
    public void remove() throws IOException {
        for (Attached one : attached) {
            try (BpfProgram program = BpfProgram.byId(one.program())) {
                one.hook().detach(program, one.device().index());
            } catch (BpfException e) {
                if (e.errno() != LibC.ENOENT) {
                    throw e;
                }
            }
        }
        for (Path pin : pins) {
            try {
                Files.deleteIfExists(pin);
            } catch (DirectoryNotEmptyException e) {
                // The directory of a node's name has something in it that is not tsn-proxy's.
                continue;
            }
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.datapath;

import io.tsncni.cni.AttachmentKey;
import io.tsncni.linux.libbpf.BpfFs;
import io.tsncni.linux.libc.Fd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Our part of the BPF file system, which is all that outlives the agent:
 *
 * <pre>
 * tsn/layout, identity, peers, slots, cursors
 * tsn/savers/CONTAINER:INTERFACE/{program,link,policy,counters}
 * tsn/nics/NAME/{program,link,config,counters}
 * </pre>
 */
final class PinTree implements AutoCloseable {
    private final Path root;
    private final Fd lock;

    private PinTree(Path root, Fd lock) {
        this.root = root;
        this.lock = lock;
    }

    /** Ours alone until {@link #close}: to another agent, the pins of this one would be orphans. */
    static PinTree open(Path bpffs) throws IOException {
        if (!Files.isDirectory(bpffs) || !BpfFs.contains(bpffs)) {
            throw new IOException(
                    "--bpffs " + bpffs + " is not in a BPF file system; mount one: mount -t bpf bpf " + bpffs);
        }
        Path root = bpffs.resolve("tsn");
        for (Path directory : List.of(root, root.resolve("savers"), root.resolve("nics"))) {
            Files.createDirectories(directory);
            if (!Files.getAttribute(directory, "unix:uid").equals(0)) {
                throw new IOException(
                        directory + " belongs to somebody else than root; who made it could replace pins");
            }
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
        }
        Fd lock = BpfFs.lock(root).orElseThrow(() -> new IOException("another agent owns " + root + "; stop it first"));
        return new PinTree(root, lock);
    }

    @Override
    public void close() {
        lock.close();
    }

    Path layout() {
        return root.resolve("layout");
    }

    Path identity() {
        return root.resolve("identity");
    }

    Path peers() {
        return root.resolve("peers");
    }

    Path slots() {
        return root.resolve("slots");
    }

    Path cursors() {
        return root.resolve("cursors");
    }

    Path saver(AttachmentKey key) {
        return saver(key.fileName());
    }

    Path saver(String fileName) {
        return root.resolve("savers").resolve(fileName);
    }

    Path nic(String name) {
        return root.resolve("nics").resolve(fileName(name));
    }

    /** The file names of every saver that has pins. */
    Set<String> savers() throws IOException {
        return names(root.resolve("savers"));
    }

    /** The names of every NIC that has pins. */
    Set<String> nics() throws IOException {
        return names(root.resolve("nics")).stream()
                .map(name -> name.replace("%2e", ".").replace("%25", "%"))
                .collect(Collectors.toSet());
    }

    /** Nothing is left to own afterwards. */
    void removeAll() throws IOException {
        remove(root);
    }

    static void remove(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        List<Path> deepestFirst;
        try (Stream<Path> tree = Files.walk(directory)) {
            // By name this takes "program" first, so that what still has one is complete.
            deepestFirst = tree.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : deepestFirst) {
            Files.deleteIfExists(path);
        }
    }

    /** bpffs allows no dot in a name. */
    private static String fileName(String nic) {
        return nic.replace("%", "%25").replace(".", "%2e");
    }

    private static Set<String> names(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.map(entry -> entry.getFileName().toString()).collect(Collectors.toSet());
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.agent;

import io.tsncni.datapath.Carrier;
import io.tsncni.datapath.Datapath;
import io.tsncni.datapath.Savers;
import io.tsncni.linux.netns.NetworkNamespace;
import io.tsncni.state.AttachmentRecord;
import io.tsncni.state.AttachmentRecord.PodEnd;
import io.tsncni.state.AttachmentRecord.SaverRecord;
import io.tsncni.state.AttachmentStore;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Takes away what agents have left on this node: programs, pins, records. Pods go on, without their priorities. */
public final class Uninstall {
    private static final System.Logger LOG = System.getLogger(Uninstall.class.getName());

    private Uninstall() {}

    /** What pods have of other plugins only their DEL takes away, and that needs the record. */
    public static void requireNoDelegates(Path stateDir) throws IOException {
        List<String> pods = records(stateDir).stream()
                .filter(record -> !record.delegates().isEmpty())
                .map(record -> record.pod()
                        .map(pod -> pod.namespace() + "/" + pod.name())
                        .orElse(record.key().toString()))
                .sorted()
                .toList();
        if (!pods.isEmpty()) {
            throw new IOException("these pods have networks that only tsn can take away from them: "
                    + String.join(", ", pods)
                    + "; start the agent again and delete these pods first; if they are gone already, or their networks' leases and"
                    + " devices may stay behind: --force");
        }
    }

    /**
     * Nothing there is success. The caller has the lock of the state directory.
     *
     * @param said what was done and what was left, a line each, for people
     * @throws IOException what could not be taken away; all that could is gone, but for the records
     */
    public static void run(Path stateDir, Path bpffs, Consumer<String> said) throws IOException {
        detachFilters(stateDir, said);
        Datapath.Removed removed = Datapath.remove(bpffs);
        said.accept(
                removed.savers() + removed.restorers() == 0
                        ? "programs: none there"
                        : "programs: removed " + removed.savers() + " savers and " + removed.restorers()
                                + " restorers");
        if (!removed.failed().isEmpty()) {
            throw new IOException("some are still there; " + String.join("; ", removed.failed()));
        }
        removeState(stateDir);
    }

    private static void detachFilters(Path stateDir, Consumer<String> said) {
        try {
            for (AttachmentRecord record : records(stateDir)) {
                record.saver()
                        .filter(saver -> saver.pod().carrier().equals(Carrier.CLSACT.toString()))
                        .flatMap(Uninstall::leftInPod)
                        .ifPresent(said);
            }
        } catch (IOException e) {
            said.accept("records: not read, so that filters in pods may stay until these end: " + e.getMessage());
        }
    }

    private static Collection<AttachmentRecord> records(Path stateDir) throws IOException {
        return Files.isDirectory(stateDir.resolve("attachments"))
                ? AttachmentStore.open(stateDir).all()
                : List.of();
    }

    /** A clsact filter is only reached from inside. Where the runtime's name of the namespace means nothing, it stays. */
    private static Optional<String> leftInPod(SaverRecord saver) {
        PodEnd pod = saver.pod();
        try (NetworkNamespace namespace = NetworkNamespace.named(pod.netns()).orElse(null)) {
            if (namespace == null) {
                return Optional.of(pod.netns() + " is not to be seen from here: its saver on " + pod.ifName()
                        + " stays until the pod ends, and changes nothing any more that a NIC looks at");
            }
            if (namespace.inode() == pod.netnsInode()) {
                Savers.detachFilter(namespace, pod.ifName());
            }
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of("the saver on " + pod.ifName() + " in " + pod.netns() + " stays: " + e.getMessage());
        }
    }

    /** Only what agents and shims have made there: an operator may have named a directory with more in it. */
    private static void removeState(Path stateDir) throws IOException {
        for (String flat : List.of("attachments", "spool")) {
            Path directory = stateDir.resolve(flat);
            if (Files.isDirectory(directory)) {
                try (Stream<Path> files = Files.list(directory)) {
                    for (Path file : files.toList()) {
                        Files.delete(file);
                    }
                }
                Files.delete(directory);
            }
        }
        Files.deleteIfExists(stateDir.resolve("lock"));
        try {
            Files.deleteIfExists(stateDir);
        } catch (FileSystemException e) {
            // There is more in it, or a container has it mounted.
            LOG.log(Level.INFO, "{0} stays: {1}", stateDir, e.toString());
        }
    }
}

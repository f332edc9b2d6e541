// SPDX-License-Identifier: Apache-2.0
package io.tsncni.install;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.cni.CniException;
import io.tsncni.cni.ConfFiles;
import io.tsncni.cni.JsonText;
import io.tsncni.install.HostFiles.Access;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Our entry in the network configuration that the runtime uses: behind the other plugins of the first valid file,
 * whoever that is: behind Multus, too, whose result is that of the pod's first interface. A plain configuration
 * NAME.conf becomes NAME.conf.conflist, which sorts in the same place, and waits as .NAME.conf.tsn for its return.
 * There is no other record: what is in the directory says it all.
 */
final class ChainedEntry {
    /** As often somebody else may be quicker. */
    private static final int ATTEMPTS = 5;

    /** No runtime reads this suffix. */
    private static final String KEPT = ".tsn";

    private final Path directory;
    private final HostFiles files;

    ChainedEntry(Path directory, HostFiles files) {
        this.directory = directory.toAbsolutePath();
        this.files = files;
    }

    /** @param wrote whether that took a change of the file that the runtime uses */
    record Outcome(EntryState state, boolean wrote) {}

    /** Has this entry in the file that the runtime uses, once, and in no other. */
    Outcome ensure(ObjectNode keys) throws IOException {
        files.sweep(directory, false);
        sweepKept();
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            List<NetworkFile> networks = NetworkFile.in(directory);
            if (networks.isEmpty()) {
                return missing("no network configuration in " + directory + " yet; it is the primary plugin's");
            }
            NetworkFile first = networks.get(0);
            Optional<String> obstacle = first.obstacle();
            if (obstacle.isPresent()) {
                withdrawFrom(networks);
                return missing(obstacle.get());
            }
            if (!first.hasOurs() && first.hasCopyOfOurs()) {
                return new Outcome(new EntryState.Inserted(first.path()), false);
            }
            Path target = first.isList() ? first.path() : listFor(first.path());
            String text = text(first, NetworkFile.entry(keys));
            boolean change = !target.equals(first.path()) || !text.equals(first.text());
            if (!change || put(first, target, text)) {
                withdrawFrom(networks.stream()
                        .filter(network -> network != first && !network.path().equals(target))
                        .toList());
                return new Outcome(new EntryState.Inserted(target), change);
            }
        }
        return missing("others keep changing the files in " + directory);
    }

    private static Outcome missing(String why) {
        return new Outcome(new EntryState.Missing(why), false);
    }

    /** A list with this entry once: where it is, or at the end. */
    private static String text(NetworkFile network, ObjectNode entry) throws IOException {
        try {
            String path = network.path().toString();
            String list = network.isList() ? network.text() : PluginsText.listOf(network.json(), network.text());
            PluginsText plugins = PluginsText.of(path, list);
            if (plugins.count(NetworkFile::isOurs) == 0) {
                return plugins.append(entry);
            }
            String once = plugins.without(NetworkFile::isOurs, 1).orElseThrow();
            return PluginsText.of(path, once).replace(NetworkFile::isOurs, entry);
        } catch (CniException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /** @return false if somebody else has changed the file meanwhile */
    private boolean put(NetworkFile network, Path target, String text) throws IOException {
        if (!write(network, target, text)) {
            return false;
        }
        if (target.equals(network.path())) {
            return true;
        }
        // The list is there already, so that at no moment there is neither.
        Path kept = keptOf(network.path());
        if (!files.rename(network.path(), kept)) {
            return false;
        }
        return unchanged(kept, network);
    }

    /** Its owner may have written it anew just before it was taken away; that is what counts, then. */
    private boolean unchanged(Path kept, NetworkFile network) throws IOException {
        if (Files.readString(kept).equals(network.text())) {
            return true;
        }
        if (!Files.exists(network.path())) {
            files.rename(kept, network.path());
        }
        return false;
    }

    private boolean write(NetworkFile network, Path target, String text) throws IOException {
        try {
            // Where a link leads, so that it stays a link.
            Path real = Files.exists(target) ? target.toRealPath() : target;
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            return files.put(real, bytes, Access.of(network.path()), network::isUnchanged);
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    /**
     * Takes our entries out of every file, and gives plain configurations back.
     *
     * @param alone nobody else of us is at work here
     * @return the files that had one
     */
    List<Path> withdraw(boolean alone) throws IOException {
        files.sweep(directory, alone);
        List<Path> changed = withdrawFrom(NetworkFile.in(directory));
        sweepKept();
        return changed;
    }

    /** Files whose pods need the shim although none of our entries is left. */
    List<Path> needingShim() throws IOException {
        return NetworkFile.in(directory).stream()
                .filter(NetworkFile::needsShim)
                .map(NetworkFile::path)
                .toList();
    }

    private List<Path> withdrawFrom(List<NetworkFile> networks) throws IOException {
        List<Path> changed = new ArrayList<>();
        for (NetworkFile network : networks) {
            if (network.isList() && network.hasOurs() && withdrawFrom(network)) {
                changed.add(network.path());
            }
        }
        return changed;
    }

    private boolean withdrawFrom(NetworkFile list) throws IOException {
        Optional<String> without = without(list);
        Optional<Path> plain = plainOf(list.path());
        Path kept = plain.map(ChainedEntry::keptOf).orElse(list.path());
        if (plain.isPresent() && (Files.exists(plain.get()) || isListOf(kept, without))) {
            if (!Files.exists(plain.get())) {
                files.rename(kept, plain.get());
            }
            files.delete(list.path());
            return true;
        }
        // Nothing but our entry: a list without plugins would be a broken one.
        return without.isPresent() && write(list, list.path(), without.get());
    }

    private static Optional<String> without(NetworkFile list) throws IOException {
        try {
            return PluginsText.of(list.path().toString(), list.text()).without(NetworkFile::isOurs, 0);
        } catch (CniException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /** Whether a list is still what we made of a plain configuration. */
    private static boolean isListOf(Path kept, Optional<String> list) throws IOException {
        if (!Files.exists(kept)) {
            return false;
        }
        try {
            String text = Files.readString(kept);
            return Optional.of(PluginsText.listOf(JsonText.parseObject(kept.toString(), text), text))
                    .equals(list);
        } catch (CniException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /** What waits for the return of a list that somebody has removed, or has taken for theirs, waits in vain. */
    private void sweepKept() throws IOException {
        try (DirectoryStream<Path> all = Files.newDirectoryStream(directory, ".*{.conf,.json}" + KEPT)) {
            for (Path kept : all) {
                String name = kept.getFileName().toString();
                Path list = listFor(kept.resolveSibling(name.substring(1, name.length() - KEPT.length())));
                boolean foreign = NetworkFile.read(list)
                        .filter(network -> !network.hasOurs())
                        .isPresent();
                if (foreign || !Files.exists(list)) {
                    files.delete(kept);
                }
            }
        } catch (NoSuchFileException | NotDirectoryException e) {
            // The directory is not there, or no more.
            return;
        }
    }

    private static Path listFor(Path plain) {
        return plain.resolveSibling(plain.getFileName() + ConfFiles.LIST);
    }

    private static Path keptOf(Path plain) {
        return plain.resolveSibling("." + plain.getFileName() + KEPT);
    }

    private static Optional<Path> plainOf(Path list) {
        String name = list.getFileName().toString();
        String plain = name.substring(0, name.length() - ConfFiles.LIST.length());
        boolean made = plain.endsWith(ConfFiles.PLAIN) || plain.endsWith(ConfFiles.JSON);
        return made ? Optional.of(list.resolveSibling(plain)) : Optional.empty();
    }
}

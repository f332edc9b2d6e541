// SPDX-License-Identifier: Apache-2.0
package io.tsncni.install;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.cni.CniException;
import io.tsncni.cni.ConfFiles;
import io.tsncni.install.HostFiles.Access;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Our entry in the network configuration that the runtime uses: behind the other plugins of the first valid file,
 * whoever that is: behind Multus, too, whose result is that of the pod's first interface. A plain configuration
 * NAME.conf stays as it is; a list made of it, NAME-tsn.conflist, goes before it, and goes with it. There is no other
 * record: what is in the directory says it all.
 */
final class ChainedEntry {
    /** As often somebody else may be quicker. */
    private static final int ATTEMPTS = 5;

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
        ObjectNode entry = NetworkFile.entry(keys);
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            List<NetworkFile> networks = NetworkFile.in(directory);
            Optional<NetworkFile> others =
                    networks.stream().filter(network -> !network.isMade()).findFirst();
            if (others.isEmpty() && attempt == 0) {
                // A listing may miss a file that is being replaced just then.
                continue;
            }
            Optional<String> obstacle = others.isEmpty()
                    ? Optional.of("no network configuration in " + directory + " yet; it is the primary plugin's")
                    : obstacle(others.get());
            if (obstacle.isPresent()) {
                withdrawFrom(networks);
                return missing(obstacle.get());
            }
            NetworkFile first = others.get();
            Optional<ObjectNode> copy = first.hasOurs() ? Optional.empty() : first.copyOfOurs();
            Optional<Boolean> wrote = copy.isPresent() ? renew(networks, entry) : put(first, entry);
            if (wrote.isPresent() && copy.isPresent()) {
                return copied(first, copy.get().equals(entry), wrote.get());
            }
            if (wrote.isPresent()) {
                Path target = targetOf(first);
                withdrawFrom(networks.stream()
                        .filter(network -> !network.path().equals(target))
                        .toList());
                return new Outcome(new EntryState.Inserted(target), wrote.get());
            }
        }
        return missing("others keep changing the files in " + directory);
    }

    private static Outcome missing(String why) {
        return new Outcome(new EntryState.Missing(why), false);
    }

    private static Outcome copied(NetworkFile by, boolean same, boolean wrote) {
        return new Outcome(
                same
                        ? new EntryState.Inserted(by.path())
                        : new EntryState.Missing(by.path()
                                + " has a copy of the entry as it was before the settings changed; who has written that"
                                + " file has to copy the network anew: of Multus, restart its pod on this node"),
                wrote);
    }

    private static Optional<String> obstacle(NetworkFile first) {
        Path target = targetOf(first);
        boolean inTheWay = !first.isList()
                && Files.exists(target)
                && !NetworkFile.read(target).map(NetworkFile::isMade).orElse(false);
        return inTheWay
                ? Optional.of(target + " is in the way: the list that " + first.path()
                        + " would become has that name; rename one of the two")
                : first.obstacle();
    }

    /** Where a network is when it has the entry. */
    private static Path targetOf(NetworkFile network) {
        return network.isList() ? network.path() : listFor(network.path());
    }

    /** It sorts next to the plain file, before it: of '-' and '.' the first is the lesser. */
    private static Path listFor(Path plain) {
        String name = plain.getFileName().toString();
        return plain.resolveSibling(name.substring(0, name.lastIndexOf('.')) + "-tsn" + ConfFiles.LIST);
    }

    /** Brings the entry up to date where somebody copies it from. */
    private Optional<Boolean> renew(List<NetworkFile> networks, ObjectNode entry) throws IOException {
        boolean wrote = false;
        for (NetworkFile holder : networks) {
            Optional<NetworkFile> source = holder.isMade()
                    ? networks.stream().filter(holder::isMadeFrom).findFirst()
                    : Optional.of(holder).filter(NetworkFile::hasOurs);
            if (source.isPresent()) {
                Optional<Boolean> put = put(source.get(), entry);
                if (put.isEmpty()) {
                    return put;
                }
                wrote |= put.get();
            } else if (holder.isMade()) {
                files.delete(holder.path());
            }
        }
        return Optional.of(wrote);
    }

    /** @return whether that took a change; empty if somebody else has changed a file meanwhile */
    private Optional<Boolean> put(NetworkFile network, ObjectNode entry) throws IOException {
        Path target = targetOf(network);
        Optional<NetworkFile> there = network.isList() ? Optional.of(network) : NetworkFile.read(target);
        String text = network.isList() ? text(network, entry) : made(network, there, Optional.of(entry));
        boolean same = there.filter(list -> network.isList() ? list.text().equals(text) : list.hasPluginsOf(text))
                .isPresent();
        if (same) {
            return Optional.of(false);
        }
        HostFiles.Condition still =
                () -> network.isUnchanged() && (there.isPresent() ? there.get().isUnchanged() : !Files.exists(target));
        return write(network, target, text, still) ? Optional.of(true) : Optional.empty();
    }

    /** A list with this entry once: where it is, or at the end. */
    private static String text(NetworkFile list, ObjectNode entry) throws IOException {
        try {
            String path = list.path().toString();
            PluginsText plugins = PluginsText.of(path, list.text());
            if (plugins.count(NetworkFile::isOurs) == 0) {
                return plugins.append(entry);
            }
            String once = plugins.without(NetworkFile::isOurs, 1).orElseThrow();
            return PluginsText.of(path, once).replace(NetworkFile::isOurs, entry);
        } catch (CniException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /**
     * The list that a plain configuration is made, with what others have added to it.
     *
     * @param entry without one, it is the others' list from then on
     */
    private static String made(NetworkFile plain, Optional<NetworkFile> before, Optional<ObjectNode> entry)
            throws IOException {
        try {
            String path = plain.path().toString();
            ObjectNode key = entry.isPresent()
                    ? NetworkFile.madeFrom(plain.path())
                    : plain.json().objectNode();
            String text = PluginsText.listOf(plain.json(), plain.text(), key);
            List<ObjectNode> added =
                    new ArrayList<>(before.map(NetworkFile::addedByOthers).orElse(List.of()));
            entry.ifPresent(added::add);
            for (ObjectNode plugin : added) {
                text = PluginsText.of(path, text).append(plugin);
            }
            return text;
        } catch (CniException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /** @return false if somebody else has changed the network's file meanwhile */
    private boolean write(NetworkFile network, Path target, String text, HostFiles.Condition still) throws IOException {
        try {
            // Where a link leads, so that it stays a link.
            Path real = Files.exists(target) ? target.toRealPath() : target;
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            return files.put(real, bytes, Access.of(network.path()), still);
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    /**
     * Takes our entries out of every file, and our lists away.
     *
     * @param alone nobody else of us is at work here
     * @return the files that had one
     */
    List<Path> withdraw(boolean alone) throws IOException {
        files.sweep(directory, alone);
        return withdrawFrom(NetworkFile.in(directory));
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
            if (network.isMade()) {
                withdrawMade(network, networks);
                changed.add(network.path());
            } else if (network.isList() && network.hasOurs()) {
                // Nothing but our entry: a list without plugins would be a broken one.
                Optional<String> without = without(network);
                if (without.isPresent() && write(network, network.path(), without.get(), network::isUnchanged)) {
                    changed.add(network.path());
                }
            }
        }
        return changed;
    }

    /** What others have added stays, in a list that is theirs now, as long as there is the plain one that it was made of. */
    private void withdrawMade(NetworkFile list, List<NetworkFile> networks) throws IOException {
        Optional<NetworkFile> plain = networks.stream().filter(list::isMadeFrom).findFirst();
        if (plain.isPresent() && !list.addedByOthers().isEmpty()) {
            write(list, list.path(), made(plain.get(), Optional.of(list), Optional.empty()), list::isUnchanged);
        } else {
            files.delete(list.path());
        }
    }

    private static Optional<String> without(NetworkFile list) throws IOException {
        try {
            return PluginsText.of(list.path().toString(), list.text()).without(NetworkFile::isOurs, 0);
        } catch (CniException e) {
            throw new IOException(e.getMessage(), e);
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.install;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What we have on the host outside of our own directories. The shim is there before the entry that names it, and goes
 * after it: at no time does a runtime look for a plugin in vain.
 */
public final class Installer {
    private final ShimFile shim;
    private final Path confDir;
    private final Optional<ObjectNode> keys;
    private final ChainedEntry entry;

    private Installer(ShimFile shim, Path confDir, Optional<ObjectNode> keys, HostFiles files) {
        this.shim = shim;
        this.confDir = confDir;
        this.keys = keys;
        this.entry = new ChainedEntry(confDir, files);
    }

    /**
     * @param confDir of the runtime's network configurations
     * @param keys what the entry says, if there is to be one
     */
    public static Installer of(ShimFile shim, Path confDir, Optional<ObjectNode> keys) {
        return new Installer(shim, confDir, keys, new HostFiles());
    }

    static Installer of(ShimFile shim, Path confDir, Optional<ObjectNode> keys, HostFiles files) {
        return new Installer(shim, confDir, keys, files);
    }

    Path confDir() {
        return confDir;
    }

    /**
     * @param shim whether it was written
     * @param entry whether it was written
     */
    public record Installed(boolean shim, EntryState state, boolean entry) {}

    /** Makes it so, whatever is there already; an entry of ours that is no longer wanted goes. */
    public synchronized Installed install() throws IOException {
        boolean wrote = shim.install();
        if (keys.isEmpty()) {
            List<Path> changed = entry.withdraw(false);
            return new Installed(wrote, new EntryState.Unwanted(), !changed.isEmpty());
        }
        ChainedEntry.Outcome outcome = entry.ensure(keys.get());
        return new Installed(wrote, outcome.state(), outcome.wrote());
    }

    /**
     * @param entries the files that had an entry of ours
     * @param shim empty if it had to stay
     * @param needingShim because of these files, whose pods could not start without it
     */
    public record Uninstalled(List<Path> entries, Optional<ShimFile.Removal> shim, List<Path> needingShim) {
        /** For people. */
        public List<String> lines() {
            List<String> lines = new ArrayList<>();
            entries.forEach(file -> lines.add("entry: removed from " + file));
            needingShim.forEach(file -> lines.add("shim: stays, because " + file
                    + " names a plugin of type tsn; take that out, then run tsnd uninstall again"));
            shim.ifPresent(removal -> lines.add("shim: " + removal));
            return lines;
        }
    }

    public synchronized Uninstalled uninstall() throws IOException {
        List<Path> entries = entry.withdraw(true);
        List<Path> needing = entry.needingShim();
        return new Uninstalled(entries, needing.isEmpty() ? Optional.of(shim.remove()) : Optional.empty(), needing);
    }
}

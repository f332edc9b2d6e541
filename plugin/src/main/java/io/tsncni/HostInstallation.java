// SPDX-License-Identifier: Apache-2.0
package io.tsncni;

import io.tsncni.install.EntryState;
import io.tsncni.install.Follower;
import io.tsncni.install.Installer;
import io.tsncni.metrics.MeasuredAgent.ChainedEntry;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.Optional;

/** Shim and entry while the agent runs. */
final class HostInstallation {
    private static final System.Logger LOG = System.getLogger(HostInstallation.class.getName());

    private final Installer installer;
    private boolean started;
    private boolean over;
    private Optional<Follower> follower = Optional.empty();

    HostInstallation(Installer installer) {
        this.installer = installer;
    }

    /** @param keep has both in place from now on */
    synchronized void start(boolean keep) {
        if (keep && !over) {
            follower = Optional.of(Follower.start(installer));
        }
        started = true;
    }

    /** Whether the node's pods get what they should; empty while the agent starts. */
    synchronized Optional<EntryState> entry() {
        return started
                ? Optional.of(follower.map(Follower::state).orElse(new EntryState.Unwanted()))
                : Optional.empty();
    }

    synchronized Optional<ChainedEntry> measured() {
        return entry().map(state -> new ChainedEntry(
                state instanceof EntryState.Unwanted
                        ? Optional.empty()
                        : Optional.of(state instanceof EntryState.Inserted),
                follower.map(Follower::insertions).orElse(0L),
                follower.map(Follower::backoffs).orElse(0L)));
    }

    /** @param remove takes both away */
    synchronized void end(boolean remove) {
        over = true;
        follower.ifPresent(Follower::close);
        if (remove) {
            try {
                installer.uninstall().lines().forEach(line -> LOG.log(Level.INFO, "{0}", line));
            } catch (IOException | RuntimeException e) {
                LOG.log(Level.ERROR, "entry or shim may be left, run tsnd uninstall: {0}", e.toString());
            }
        }
    }
}

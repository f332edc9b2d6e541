// SPDX-License-Identifier: Apache-2.0
package io.tsncni;

import io.tsncni.install.EntryState;
import io.tsncni.install.Follower;
import io.tsncni.install.Installer;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.Optional;

/** Shim and entry while the agent runs. */
final class HostInstallation implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(HostInstallation.class.getName());

    private final Installer installer;
    private final Optional<Follower> follower;
    private final boolean goes;

    private HostInstallation(Installer installer, Optional<Follower> follower, boolean goes) {
        this.installer = installer;
        this.follower = follower;
        this.goes = goes;
    }

    /**
     * @param keep installed, from now on
     * @param goes when the agent does
     */
    static HostInstallation start(Installer installer, boolean keep, boolean goes) throws IOException {
        Optional<Follower> follower = keep ? Optional.of(Follower.start(installer)) : Optional.empty();
        return new HostInstallation(installer, follower, goes);
    }

    /** Whether the node's pods get what they should; for readiness and metrics. */
    EntryState entry() {
        return follower.map(Follower::state).orElse(new EntryState.Unwanted());
    }

    @Override
    public void close() {
        follower.ifPresent(Follower::close);
        if (goes) {
            try {
                installer.uninstall().lines().forEach(line -> LOG.log(Level.INFO, "{0}", line));
            } catch (IOException | RuntimeException e) {
                LOG.log(Level.ERROR, "entry or shim may be left, run tsnd uninstall: {0}", e.toString());
            }
        }
    }
}

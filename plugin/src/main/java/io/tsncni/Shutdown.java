// SPDX-License-Identifier: Apache-2.0
package io.tsncni;

import io.tsncni.agent.Uninstall;
import io.tsncni.shim.ShimServer;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** How an agent ends by a signal: cleanly, and with {@code --uninstall-on-exit} without leaving anything. */
final class Shutdown {
    private static final System.Logger LOG = System.getLogger(Shutdown.class.getName());

    /** Who sends a signal does not wait for ever: of a pod, ten seconds. */
    private static final Duration UNINSTALL = Duration.ofSeconds(8);

    /** What the process ends with: a signal is no failure, an exception is one. */
    private static volatile int exit;

    private final HostInstallation host;
    private final boolean uninstallOnExit;
    private final Path stateDir;
    private final Path bpffs;
    private final CountDownLatch over = new CountDownLatch(1);
    private volatile boolean uninstalling;

    Shutdown(HostInstallation host, boolean uninstallOnExit, Path stateDir, Path bpffs) {
        this.host = host;
        this.uninstallOnExit = uninstallOnExit;
        this.stateDir = stateDir;
        this.bpffs = bpffs;
    }

    /** @return what the process ends with */
    static int failed() {
        exit = 1;
        return exit;
    }

    /** A signal ends this server from here on. */
    void onSignal(ShimServer server) {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                uninstalling = mayUninstall();
                // While pods can still be served: those that start from here on start without us.
                host.end(uninstalling);
                server.close();
                if (uninstalling && !over.await(UNINSTALL.toSeconds(), TimeUnit.SECONDS)) {
                    LOG.log(Level.ERROR, "not all is taken away yet, run tsnd uninstall");
                    exit = 1;
                }
            } catch (IOException e) {
                LOG.log(Level.WARNING, "while closing the socket: {0}", e.getMessage());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            // Else the JVM reports 143, as if the agent had been cut off.
            Runtime.getRuntime().halt(exit);
        }));
    }

    private boolean mayUninstall() {
        if (!uninstallOnExit || exit != 0) {
            return false;
        }
        try {
            Uninstall.requireNoDelegates(stateDir);
            return true;
        } catch (IOException e) {
            LOG.log(Level.ERROR, "nothing is taken away: {0}", e.getMessage());
            return false;
        }
    }

    /** Nothing is served any more; the caller has the lock of the state directory. */
    void served() {
        if (!uninstalling) {
            return;
        }
        try {
            Uninstall.run(stateDir, bpffs, line -> LOG.log(Level.INFO, "{0}", line));
        } catch (IOException e) {
            LOG.log(Level.ERROR, "not all is taken away, run tsnd uninstall: {0}", e.getMessage());
            exit = 1;
        }
    }

    /** Who waits for the end may go on. */
    void over() {
        over.countDown();
    }
}

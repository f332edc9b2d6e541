// SPDX-License-Identifier: Apache-2.0
package io.tsncni.install;

import io.tsncni.install.Installer.Installed;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;

/** Keeps shim and entry where they belong: the primary plugin may write its configuration anew at any time. */
public final class Follower implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Follower.class.getName());

    /** What no event tells of: another file system mounted over it, a shim that was removed. */
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(30);

    private static final Duration STOP = Duration.ofSeconds(1);

    private final Installer installer;
    private final Restraint restraint;
    private final Thread thread = new Thread(this::follow, "installer");
    private Duration pause;
    private volatile EntryState state;
    private final AtomicLong insertions = new AtomicLong();
    private final AtomicLong backoffs = new AtomicLong();

    private Follower(Installer installer, InstantSource clock) {
        this.installer = installer;
        restraint = new Restraint(clock);
        // An agent that serves does not end because of it: pods that run need it, and /readyz says what is wrong.
        state = new EntryState.Unwanted();
        pause = Duration.ZERO;
        look();
    }

    /** All is in place when this returns, or {@link #state} says what is not. */
    public static Follower start(Installer installer) {
        return start(installer, InstantSource.system());
    }

    static Follower start(Installer installer, InstantSource clock) {
        Follower follower = new Follower(installer, clock);
        follower.thread.setDaemon(true);
        follower.thread.start();
        return follower;
    }

    /** As of the last look. */
    public EntryState state() {
        return state;
    }

    /** How often the entry was written. */
    public long insertions() {
        return insertions.get();
    }

    /** How often that made it leave the other program alone for a while. */
    public long backoffs() {
        return backoffs.get();
    }

    private void follow() {
        try (DirectoryWatch watch = new DirectoryWatch(installer.confDir())) {
            // What changed before there was a watch.
            look();
            while (true) {
                if (pause.isZero()) {
                    watch.await(LOOK_AGAIN);
                } else {
                    Thread.sleep(pause.toMillis());
                }
                look();
            }
        } catch (InterruptedException e) {
            // By close().
            return;
        }
    }

    private void look() {
        EntryState before = state;
        Duration patience = pause;
        try {
            Installed installed = installer.install();
            pause = restraint.next(installed.entry());
            if (installed.entry() && installed.state() instanceof EntryState.Inserted) {
                insertions.incrementAndGet();
            }
            if (!pause.isZero()) {
                backoffs.incrementAndGet();
            }
            state = pause.isZero() ? installed.state() : contested(installed.state());
        } catch (IOException | RuntimeException e) {
            // Of all but our own, the message may be no more than a path.
            state = new EntryState.Missing(e.getClass() == IOException.class ? e.getMessage() : e.toString());
        }
        // Once, not with every try.
        if (!state.equals(before) && (patience.isZero() || pause.isZero())) {
            log();
        }
    }

    private EntryState contested(EntryState now) {
        return new EntryState.Missing("another program keeps taking it out (" + now + "); the next try is in "
                + pause.toSeconds() + " s; find out which program writes to " + installer.confDir());
    }

    private void log() {
        LOG.log(state instanceof EntryState.Missing ? Level.WARNING : Level.INFO, "{0}", state);
    }

    /** Nothing is written any more when this returns. */
    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join(STOP.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.install;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Tells of changes in a directory, which may go, come, or be another one of the same name. */
final class DirectoryWatch implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(DirectoryWatch.class.getName());
    private static final Duration TICK = Duration.ofSeconds(1);

    /** Who writes a file in place is done with it by then. */
    private static final Duration SETTLE = Duration.ofMillis(100);

    private final Path directory;
    /** Empty while there is nothing to watch, or no way to. */
    private Optional<WatchService> watch = Optional.empty();

    /** The inode. */
    private Optional<Object> watched = Optional.empty();

    DirectoryWatch(Path directory) {
        this.directory = directory;
        rewatch();
    }

    /** Until something has changed, or this long. */
    void await(Duration longest) throws InterruptedException {
        long end = System.nanoTime() + longest.toNanos();
        while (System.nanoTime() < end) {
            if (!watched.equals(identity())) {
                rewatch();
                return;
            }
            if (watch.isEmpty()) {
                Thread.sleep(TICK.toMillis());
                if (watched.isPresent()) {
                    return;
                }
                continue;
            }
            WatchKey key = watch.get().poll(TICK.toMillis(), TimeUnit.MILLISECONDS);
            if (key != null) {
                Thread.sleep(SETTLE.toMillis());
                key.pollEvents();
                key.reset();
                return;
            }
        }
    }

    private Optional<Object> identity() {
        try {
            return Optional.of(
                    Files.readAttributes(directory, BasicFileAttributes.class).fileKey());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private void rewatch() {
        close();
        watched = identity();
        if (watched.isEmpty()) {
            return;
        }
        try {
            WatchService service = directory.getFileSystem().newWatchService();
            watch = Optional.of(service);
            directory.register(
                    service,
                    StandardWatchEventKinds.ENTRY_CREATE,
                    StandardWatchEventKinds.ENTRY_MODIFY,
                    StandardWatchEventKinds.ENTRY_DELETE);
        } catch (NoSuchFileException e) {
            // Gone already: the next look at its identity tells.
            close();
        } catch (IOException e) {
            close();
            LOG.log(
                    Level.WARNING,
                    "{0} is looked at every second: it cannot be watched ({1}; fs.inotify.max_user_instances?)",
                    directory,
                    e.getMessage());
        }
    }

    @Override
    public void close() {
        try {
            if (watch.isPresent()) {
                watch.get().close();
            }
        } catch (IOException e) {
            LOG.log(Level.WARNING, "while closing the watch of {0}: {1}", directory, e.getMessage());
        }
        watch = Optional.empty();
    }
}

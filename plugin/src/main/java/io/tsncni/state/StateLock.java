// SPDX-License-Identifier: Apache-2.0
package io.tsncni.state;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** One agent a state directory. The kernel lets go of the lock however the process ends. */
public final class StateLock implements AutoCloseable {
    private final Path directory;
    private final FileChannel channel;

    private StateLock(Path directory, FileChannel channel) {
        this.directory = directory;
        this.channel = channel;
    }

    public static StateLock take(Path stateDir) throws IOException {
        FileChannel channel = FileChannel.open(
                stateDir.resolve("lock"),
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        FileLock lock = channel.tryLock();
        if (lock == null) {
            channel.close();
            throw new IOException("another agent works with --state-dir " + stateDir + "; stop it first");
        }
        return new StateLock(stateDir, channel);
    }

    /** The state directory, ours alone until {@link #close}. */
    public Path directory() {
        return directory;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}

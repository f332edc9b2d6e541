// SPDX-License-Identifier: Apache-2.0
package io.tsncni.install;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;

/** How files of the host are changed: whoever looks sees the old one or the new one, whenever we crash. */
class HostFiles {
    /** No CNI runtime reads a file of this suffix, nor runs a plugin that begins with a dot. */
    private static final String PREFIX = ".tsn-";

    private static final String SUFFIX = ".tmp";

    /** Nobody takes that long to write one. */
    private static final Duration STALE = Duration.ofMinutes(1);

    /** Who a file belongs to, and what others may do with it. */
    record Access(Set<PosixFilePermission> mode, Object uid, Object gid) {
        static Access of(Path file) throws IOException {
            return new Access(
                    Files.getPosixFilePermissions(file),
                    Files.getAttribute(file, "unix:uid"),
                    Files.getAttribute(file, "unix:gid"));
        }

        static Access ours(String mode) throws IOException {
            Path self = Path.of("/proc/self");
            return new Access(
                    PosixFilePermissions.fromString(mode),
                    Files.getAttribute(self, "unix:uid"),
                    Files.getAttribute(self, "unix:gid"));
        }

        private void giveTo(Path file) throws IOException {
            Access has = of(file);
            if (!has.uid.equals(uid)) {
                Files.setAttribute(file, "unix:uid", uid);
            }
            if (!has.gid.equals(gid)) {
                Files.setAttribute(file, "unix:gid", gid);
            }
            // Last, and by hand: the umask has its say in the mode of a new file.
            Files.setPosixFilePermissions(file, mode);
        }
    }

    /** What must still hold when all is prepared. */
    interface Condition {
        boolean holds() throws IOException;
    }

    /** For tests: every place at which a crash would leave something different. */
    void step() {}

    /**
     * Puts a file into place.
     *
     * @param still checked at the last moment, because others write there, too
     * @return whether it did
     */
    final boolean put(Path file, byte[] content, Access access, Condition still) throws IOException {
        Path temporary = Files.createTempFile(file.getParent(), PREFIX, SUFFIX);
        try {
            step();
            try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
                ByteBuffer bytes = ByteBuffer.wrap(content, 0, content.length / 2);
                writeAll(channel, bytes);
                step();
                bytes.limit(content.length);
                writeAll(channel, bytes);
                access.giveTo(temporary);
                channel.force(true);
            }
            step();
            if (!still.holds()) {
                Files.delete(temporary);
                return false;
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            Files.deleteIfExists(temporary);
            throw e;
        }
        step();
        sync(file.getParent());
        return true;
    }

    private static void writeAll(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    final void delete(Path file) throws IOException {
        step();
        if (Files.deleteIfExists(file)) {
            step();
            sync(file.getParent());
        }
    }

    /** Removes what a crash has left, and, if nobody else can be at work, whatever looks like it. */
    final void sweep(Path directory, boolean alone) throws IOException {
        if (!Files.isDirectory(directory)) {
            return;
        }
        try (DirectoryStream<Path> left = Files.newDirectoryStream(directory, PREFIX + "*" + SUFFIX)) {
            for (Path file : left) {
                if (alone
                        || Files.getLastModifiedTime(file)
                                .toInstant()
                                .isBefore(Instant.now().minus(STALE))) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (NoSuchFileException e) {
            // Swept by another, or gone with its directory.
            return;
        }
    }

    private static void sync(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (NoSuchFileException e) {
            // Its owner has removed it with all that was in it.
            return;
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** A directory in which nobody but root can plant what the agent would believe. */
final class PrivateDirectory {
    private PrivateDirectory() {}

    /** Makes it if it is not there; one that is there is the operator's, and is only looked at. */
    static Path require(Path path, String option) throws IOException {
        Path directory = path.toAbsolutePath();
        try {
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } catch (IOException e) {
            throw new IOException(option + ": " + e, e);
        }
        Set<PosixFilePermission> allowed = Files.getPosixFilePermissions(directory);
        if (!Files.getAttribute(directory, "unix:uid").equals(0)
                || allowed.contains(PosixFilePermission.GROUP_WRITE)
                || allowed.contains(PosixFilePermission.OTHERS_WRITE)) {
            throw new IOException(option + ": others than root may write to " + directory
                    + "; choose a directory of its own, owned by root, mode 0700");
        }
        return directory;
    }
}

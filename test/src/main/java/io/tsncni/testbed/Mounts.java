// SPDX-License-Identifier: Apache-2.0
package io.tsncni.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;

/** What container runtimes mount in a directory, when it has to go. */
final class Mounts {
    private static final int MOUNT_POINT = 4;

    private Mounts() {}

    static void bind(Path from, Path to) {
        Shell.run("mount", "--bind", from.toString(), to.toString());
    }

    /** Nothing there is fine. */
    static void unbind(Path to) {
        Shell.of("umount", to.toString()).attempt();
    }

    static void removeTree(Path directory) {
        below(directory).forEach(mount -> Shell.run("umount", "--lazy", mount.toString()));
        Shell.run("rm", "-rf", directory.toString());
    }

    /** The latest first. */
    private static Deque<Path> below(Path directory) {
        Deque<Path> mounts = new ArrayDeque<>();
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/mountinfo"))) {
                Path mount = Path.of(line.split(" ")[MOUNT_POINT]);
                if (mount.startsWith(directory)) {
                    mounts.push(mount);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return mounts;
    }
}

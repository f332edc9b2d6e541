// SPDX-License-Identifier: Apache-2.0
package io.tsncni.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where the containers of a test have their cgroups: below the one that {@code sh/private} takes away in the end, as
 * cgroups are the machine's and outlive whoever made them.
 */
record Cgroup(String path) implements AutoCloseable {
    private static final Path MOUNT = Path.of("/sys/fs/cgroup");

    static Cgroup create() {
        String parent = System.getenv("TSN_TEST_CGROUP");
        if (parent == null) {
            throw new IllegalStateException("TSN_TEST_CGROUP is not set: run this by test/src/main/sh/private");
        }
        return new Cgroup(parent + "/" + RandomName.of(""));
    }

    /** In every hierarchy; kubelet wants its root to be there. */
    Cgroup make() {
        try {
            for (Path hierarchy : hierarchies()) {
                Files.createDirectories(in(hierarchy));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /** Kills what still runs in it. */
    @Override
    public void close() {
        hierarchies().stream().map(this::in).filter(Files::isDirectory).forEach(Cgroup::kill);
    }

    private Path in(Path hierarchy) {
        return hierarchy.resolve(path.substring(1));
    }

    private static void kill(Path cgroup) {
        try (Stream<Path> files = Files.walk(cgroup)) {
            for (Path procs :
                    files.filter(file -> file.endsWith("cgroup.procs")).toList()) {
                for (String pid : Files.readAllLines(procs)) {
                    ProcessHandle.of(Long.parseLong(pid)).ifPresent(ProcessHandle::destroyForcibly);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One with cgroup v2, one by controller with v1. */
    private static List<Path> hierarchies() {
        if (Files.exists(MOUNT.resolve("cgroup.procs"))) {
            return List.of(MOUNT);
        }
        try (Stream<Path> mounts = Files.list(MOUNT)) {
            return mounts.filter(mount -> Files.exists(mount.resolve("cgroup.procs")))
                    .filter(mount -> !Files.isSymbolicLink(mount))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.testbed;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** containerd with directories and a socket of its own; our image is in it. */
public final class Containerd implements AutoCloseable {
    /** Both are fixed in ctr. */
    private static final Path CTR_NETWORKS = Path.of("/etc/cni/net.d");

    private static final Path CTR_PLUGINS = Path.of("/opt/cni/bin");
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Path directory;
    private final Map<String, String> env;
    private final Cgroup cgroup = Cgroup.create().make();
    private final Background daemon;

    /** A container of {@code ctr run --cni}, which stays with it in the foreground. */
    public final class Container implements Talker {
        private final String id;
        private final Background ctr;
        private int execs;

        private Container(String id, Background ctr) {
            this.id = id;
            this.ctr = ctr;
        }

        /** By way of a file that the shim writes: of what an exec says, ctr may lose the end. */
        @Override
        public Sent talk(String... arguments) {
            String exec = "talk" + execs++;
            Path said = directory.resolve(id + "-" + exec);
            Shell.Result result = ctr("task", "exec", "--exec-id", exec, "--log-uri", "file://" + said)
                    .and(id, ContainerImage.TALKER)
                    .and(arguments)
                    .run();
            try {
                return Sent.parse(new Shell.Result(result.exit(), Files.readString(said), result.stderr()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** Its process ends; ctr then takes away the network and the container. */
        public void kill() {
            ctr("task", "kill", "--signal", "SIGTERM", id).run();
            ctr.await(PATIENCE);
        }

        @Override
        public String toString() {
            return id;
        }
    }

    /** @param more TOML of the CRI plugin, for kubelet */
    Containerd(Node node, String more) {
        env = node.agent().env();
        try {
            directory = Files.createTempDirectory("containerd");
            Files.writeString(directory.resolve("config.toml"), settings(more));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        daemon = Shell.of(
                        "containerd",
                        "--config",
                        directory.resolve("config.toml").toString())
                // Plugins of pods inherit it.
                .with(env)
                .start();
        try {
            Poll.until(() -> ctr("version").attempt().exit() == 0, PATIENCE, () -> "containerd: " + daemon.stderr());
            Path archive = ContainerImage.archive(node.artifacts(), directory);
            for (String namespace : new String[] {"default", "k8s.io"}) {
                ctr("--namespace", namespace, "image", "import", "--snapshotter", "native", archive.toString())
                        .run();
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** For {@link #run}. */
    public Containerd(Node node) {
        this(node, "");
        try {
            Mounts.bind(Files.createDirectory(directory.resolve("net.d")), CTR_NETWORKS);
            // /opt/cni is the tests' own already (sh/private); Debian's podman brings the other.
            Mounts.bind(node.pluginDirectory(), Files.createDirectories(CTR_PLUGINS));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String settings(String more) {
        String settings =
                """
                version = 2
                root = "%1$s/root"
                state = "%1$s/state"
                [grpc]
                  address = "%2$s"
                [plugins."io.containerd.internal.v1.opt"]
                  path = "%1$s/opt"
                """;
        return settings.formatted(directory, socket()) + more;
    }

    /** Makes the image of an archive known to kubelet. */
    void load(Path archive) {
        ctr("--namespace", "k8s.io", "image", "import", "--snapshotter", "native", archive.toString())
                .run();
    }

    Path socket() {
        return directory.resolve("containerd.sock");
    }

    Cgroup cgroup() {
        return cgroup;
    }

    String log() {
        return daemon.stderr();
    }

    /** {@code ctr run --cni} with this as the only network configuration. */
    public Container run(String id, ObjectNode conflist) {
        try {
            Files.writeString(CTR_NETWORKS.resolve("10-only.conflist"), conflist.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Background foreground = ctr("run", "--rm", "--cni", "--snapshotter", "native")
                .and("--cgroup", cgroup.path() + "/" + id, ContainerImage.NAME, id, "/pause")
                .start();
        Poll.until(
                () -> !foreground.isAlive() || isRunning(id),
                PATIENCE,
                () -> "container " + id + " does not run: " + foreground.stderr());
        if (!foreground.isAlive()) {
            throw new IllegalStateException("container " + id + " does not run: " + foreground.stderr());
        }
        return new Container(id, foreground);
    }

    private boolean isRunning(String id) {
        return ctr("task", "list").run().stdout().matches("(?s).*\\b" + id + " +[0-9]+ +RUNNING.*");
    }

    private Shell ctr(String... arguments) {
        return Shell.of("ctr", "--address", socket().toString()).and(arguments).with(env);
    }

    /** All of it, containers too: their shims name our socket in their arguments. */
    @Override
    public void close() {
        try (cgroup;
                daemon) {
            ProcessHandle.allProcesses()
                    .filter(process -> process.info().commandLine().orElse("").contains(socket().toString()))
                    .forEach(ProcessHandle::destroyForcibly);
        } finally {
            Mounts.unbind(CTR_NETWORKS);
            Mounts.unbind(CTR_PLUGINS);
            Mounts.removeTree(directory);
        }
    }
}

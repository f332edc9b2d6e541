// SPDX-License-Identifier: Apache-2.0
package io.tsncni.testbed;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;

/** podman with its CNI backend, and with storage, networks and settings of its own. */
public final class Podman implements AutoCloseable {
    private final Path directory;
    private final Path networks;
    private final Cgroup cgroup = Cgroup.create();

    /** A container whose first process only waits. */
    public final class Container implements Talker {
        private final String name;

        private Container(String name) {
            this.name = name;
        }

        @Override
        public Sent talk(String... arguments) {
            return Sent.parse(
                    podman("exec", name, ContainerImage.TALKER).and(arguments).run());
        }

        /** Its network goes, and it stays. */
        public void stop() {
            podman("stop", "--time", "5", name).run();
        }

        public void start() {
            podman("start", name).run();
        }

        public void remove() {
            podman("rm", "--force", "--time", "5", name).run();
        }

        @Override
        public String toString() {
            return name;
        }
    }

    public Podman(Node node) {
        try {
            directory = Files.createTempDirectory("podman");
            networks = Files.createDirectory(directory.resolve("net.d"));
            Files.writeString(directory.resolve("containers.conf"), settings(node));
            // An empty registries.conf beside it would do no more: nothing here has a registry in its name.
            podman("load", "--input")
                    .and(ContainerImage.archive(node.artifacts(), directory).toString())
                    .run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String settings(Node node) {
        // Of the engine's environment, for the cleanup after a container that conmon starts, which inherits none.
        String env = node.agent().env().entrySet().stream()
                .map(variable -> "\"" + variable.getKey() + "=" + variable.getValue() + "\"")
                .collect(Collectors.joining(", "));
        String settings =
                """
                [containers]
                # Not more than root has where it lacks CAP_SYS_RESOURCE.
                default_ulimits = ["nofile=1024:1024", "nproc=1000:1000"]
                log_driver = "k8s-file"

                [network]
                network_backend = "cni"
                network_config_dir = "%s"
                cni_plugin_dirs = ["%s"]

                [engine]
                cgroup_manager = "cgroupfs"
                events_logger = "none"
                runtime = "runc"
                tmp_dir = "%s"
                env = [%s]
                """;
        return settings.formatted(networks, node.pluginDirectory(), directory.resolve("tmp"), env);
    }

    /** Starts a container in the network of this configuration list. */
    public Container run(String name, ObjectNode conflist) {
        String network = conflist.required("name").asText();
        try {
            Files.writeString(networks.resolve(network + ".conflist"), conflist.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        podman("run", "--detach", "--name", name, "--network", network, "--cgroup-parent", cgroup.path())
                .and(ContainerImage.NAME)
                .run();
        return new Container(name);
    }

    private Shell podman(String... arguments) {
        return Shell.of("podman", "--root", directory.resolve("root").toString())
                .and("--runroot", directory.resolve("run").toString(), "--storage-driver", "vfs")
                .and(arguments)
                .with("CONTAINERS_CONF", directory.resolve("containers.conf").toString());
    }

    @Override
    public void close() {
        try (cgroup) {
            podman("rm", "--all", "--force", "--time", "0").attempt();
        } finally {
            Mounts.removeTree(directory);
        }
    }
}

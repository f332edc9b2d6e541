// SPDX-License-Identifier: Apache-2.0
package io.tsncni.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** podman with storage, networks and settings of its own. */
final class PodmanEngine implements AutoCloseable {
    private final Path directory;
    private final Cgroup cgroup = Cgroup.create();
    private final String settings;

    /** @param env what the engine adds to its environment */
    PodmanEngine(Map<String, String> env) {
        try {
            directory = Files.createTempDirectory("podman");
            settings = settings(env);
            // An empty registries.conf beside it would do no more: nothing here has a registry in its name.
            Files.writeString(conf(), settings);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String settings(Map<String, String> env) {
        String variables = env.entrySet().stream()
                .map(variable -> "\"" + variable.getKey() + "=" + variable.getValue() + "\"")
                .collect(Collectors.joining(", "));
        String text =
                """
                [containers]
                # Not more than root has where it lacks CAP_SYS_RESOURCE.
                default_ulimits = ["nofile=1024:1024", "nproc=1000:1000"]
                log_driver = "k8s-file"

                [engine]
                cgroup_manager = "cgroupfs"
                events_logger = "none"
                runtime = "runc"
                tmp_dir = "%s"
                env = [%s]
                """;
        return text.formatted(directory.resolve("tmp"), variables);
    }

    /** Has it use CNI, with these plugins; answers where the configurations go. */
    Path networks(Path plugins) {
        String section =
                """

                [network]
                network_backend = "cni"
                network_config_dir = "%s"
                cni_plugin_dirs = ["%s"]
                """;
        try {
            Path networks = Files.createDirectory(directory.resolve("net.d"));
            Files.writeString(conf(), settings + section.formatted(networks, plugins));
            return networks;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** For what it makes; gone with it. */
    Path directory() {
        return directory;
    }

    Path conf() {
        return directory.resolve("containers.conf");
    }

    /** The cgroup parent of its containers. */
    String cgroup() {
        return cgroup.path();
    }

    Shell podman(String... arguments) {
        return new Shell(command(), Map.of(), "").and(arguments).with("CONTAINERS_CONF", conf().toString());
    }

    /** The beginning of each command; its environment says CONTAINERS_CONF={@link #conf}. */
    List<String> command() {
        return List.of(
                "podman",
                "--root",
                directory.resolve("root").toString(),
                "--runroot",
                directory.resolve("run").toString(),
                "--storage-driver",
                "vfs");
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

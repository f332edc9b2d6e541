// SPDX-License-Identifier: Apache-2.0
package io.tsncni.testbed;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** podman with its CNI backend; a talker's image is in it. */
public final class Podman implements AutoCloseable {
    private final PodmanEngine engine;
    private final Path networks;

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
        // Of the engine's environment, for the cleanup after a container that conmon starts, which inherits none.
        engine = new PodmanEngine(node.agent().env());
        networks = engine.networks(node.pluginDirectory());
        podman("load", "--input")
                .and(ContainerImage.archive(node.artifacts(), engine.directory())
                        .toString())
                .run();
    }

    /** Starts a container in the network of this configuration list. */
    public Container run(String name, ObjectNode conflist) {
        String network = conflist.required("name").asText();
        try {
            Files.writeString(networks.resolve(network + ".conflist"), conflist.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        podman("run", "--detach", "--name", name, "--network", network, "--cgroup-parent", engine.cgroup())
                .and(ContainerImage.NAME)
                .run();
        return new Container(name);
    }

    private Shell podman(String... arguments) {
        return engine.podman(arguments);
    }

    @Override
    public void close() {
        engine.close();
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;

/**
 * The image of tsn-cni in a podman of its own, as a DaemonSet would run it: on the node's network, with a read-only root,
 * few capabilities, no new privileges. Its {@link #artifacts} look like dist/, so a {@link Node} can be made of them.
 */
public final class AgentImage implements AutoCloseable {
    private static final String NAME = "tsnd";
    /** Of a default container's, what the agent's image needs none of goes, and what it needs more comes. */
    private static final String CAPABILITIES = "bpf,net_admin,sys_admin";

    private final PodmanEngine engine = new PodmanEngine(Map.of());
    private final String image;
    private final Artifacts artifacts;

    /**
     * @param image as podman pulls it: {@code oci:DIRECTORY:TAG}
     * @param shim out of the image, as an installer puts it on the node
     */
    public AgentImage(String image, Path shim, Artifacts built) {
        try {
            this.image = engine.podman("pull", "--quiet", image).run().stdout().strip();
            Path bin = Files.createDirectories(engine.directory().resolve("dist/bin"));
            Files.copy(shim, bin.resolve("tsn"));
            Files.setPosixFilePermissions(bin.resolve("tsn"), PosixFilePermissions.fromString("rwxr-xr-x"));
            // Its directory and state are below the temporary one, and its pins where they always are.
            script(
                    bin.resolve("tsnd"),
                    "run",
                    "--rm",
                    "--replace",
                    "--name",
                    NAME,
                    "--network",
                    "host",
                    "--cgroup-parent",
                    engine.cgroup(),
                    "--read-only",
                    "--read-only-tmpfs=false",
                    "--cap-drop",
                    "all",
                    "--cap-add",
                    CAPABILITIES,
                    "--security-opt",
                    "no-new-privileges",
                    "--volume",
                    "/sys/fs/bpf:/sys/fs/bpf",
                    "--volume",
                    System.getProperty("java.io.tmpdir") + ":" + System.getProperty("java.io.tmpdir"),
                    "--env",
                    "TSN_LISTEN",
                    "--env",
                    "TSN_FORCE",
                    this.image);
            script(bin.resolve("tsnctl"), "exec", "--env", "TSN_SOCKET", NAME, "tsnctl");
            artifacts = new Artifacts(bin.getParent(), built.build());
        } catch (IOException e) {
            engine.close();
            throw new UncheckedIOException(e);
        } catch (RuntimeException e) {
            engine.close();
            throw e;
        }
    }

    private void script(Path file, String... podman) throws IOException {
        List<String> words = engine.podman(podman).command();
        Files.writeString(
                file,
                "#!/bin/sh\nCONTAINERS_CONF='" + engine.conf() + "' exec '" + String.join("' '", words) + "' \"$@\"\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    public Artifacts artifacts() {
        return artifacts;
    }

    /** Runs {@code program} of the image with nothing but what the image has, until it ends. */
    public Shell run(List<String> options, String... arguments) {
        return engine.podman("run", "--rm", "--network", "none", "--cgroup-parent", engine.cgroup(), "--read-only")
                .and(options.toArray(String[]::new))
                .and(image)
                .and(arguments);
    }

    @Override
    public void close() {
        engine.close();
    }
}

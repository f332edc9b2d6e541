// SPDX-License-Identifier: Apache-2.0
package io.tsncni.testbed;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * An image made from scratch, with no registry and no builder: {@code /pause}, which it starts, and {@code /talker}. As
 * {@code docker save} writes one, which every runtime can read.
 */
public final class ContainerImage {
    public static final String NAME = "localhost/talker:1";
    static final String TALKER = "/talker";

    private static final ObjectMapper JSON = new ObjectMapper();

    private ContainerImage() {}

    /** Writes it into this directory and answers the archive. */
    static Path archive(Artifacts artifacts, Path directory) {
        Path parts = directory.resolve("image");
        Path layer = parts.resolve("layer.tar");
        Path archive = directory.resolve("image.tar");
        try {
            Path root = Files.createDirectories(parts.resolve("root"));
            for (Path program : List.of(artifacts.pause(), artifacts.talker())) {
                Files.copy(program, root.resolve(program.getFileName()), StandardCopyOption.COPY_ATTRIBUTES);
            }
            tar(layer, root, "pause", "talker");
            Files.writeString(parts.resolve("config.json"), config(layer).toString());
            Files.writeString(parts.resolve("manifest.json"), manifest().toString());
            tar(archive, parts, "manifest.json", "config.json", "layer.tar");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return archive;
    }

    private static void tar(Path archive, Path from, String... files) {
        Shell.of("tar", "--owner=0", "--group=0", "-cf", archive.toString(), "-C", from.toString())
                .and(files)
                .run();
    }

    private static ObjectNode config(Path layer) throws IOException {
        ObjectNode image =
                JSON.createObjectNode().put("architecture", architecture()).put("os", "linux");
        image.putObject("config").putArray("Entrypoint").add("/pause");
        image.putObject("rootfs").put("type", "layers").putArray("diff_ids").add("sha256:" + sha256(layer));
        return image;
    }

    private static ArrayNode manifest() {
        ArrayNode manifest = JSON.createArrayNode();
        ObjectNode image = manifest.addObject().put("Config", "config.json");
        image.putArray("RepoTags").add(NAME);
        image.putArray("Layers").add("layer.tar");
        return manifest;
    }

    /** By Go's name. */
    private static String architecture() {
        return System.getProperty("os.arch").replace("aarch64", "arm64");
    }

    private static String sha256(Path file) throws IOException {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }
}

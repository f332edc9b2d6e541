// SPDX-License-Identifier: Apache-2.0
package io.tsncni.install;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Optional;

/** The shim, where the runtime looks for plugins. */
public final class ShimFile {
    /** The type of a plugin is the name of its file. */
    public static final String NAME = "tsn";

    /** Every shim of ours has it in its read-only data: plugin/src/main/c/tsn.c. */
    private static final String MARK = "tsn-cni-shim ";

    private static final String MODE = "rwxr-xr-x";

    /** Ten times what it has; a program of others may have many megabytes. */
    private static final long SIZE_MAX = 1 << 20;

    private final Path source;
    private final Path file;
    private final HostFiles files;

    /**
     * @param source the shim of this installation
     * @param binDir where the runtime looks
     */
    public ShimFile(Path source, Path binDir) {
        this(source, binDir, new HostFiles());
    }

    ShimFile(Path source, Path binDir, HostFiles files) {
        this.source = source;
        this.file = binDir.toAbsolutePath().resolve(NAME);
        this.files = files;
    }

    public Path path() {
        return file;
    }

    /**
     * Puts it there, in place of an older one. A running one is not disturbed.
     *
     * @return whether there was anything to do
     */
    public boolean install() throws IOException {
        return install(false);
    }

    /** As {@link #install}, in the place of tsn-proxy's script, too. Where that is at work it is not disturbed. */
    boolean installOverTsnProxys() throws IOException {
        return install(true);
    }

    private boolean install(boolean overTsnProxys) throws IOException {
        byte[] shim = Files.readAllBytes(source);
        if (!isOurs(shim)) {
            throw new IOException(source + " is not a shim of tsn-cni: the installation is damaged");
        }
        Files.createDirectories(file.getParent());
        files.sweep(file.getParent(), false);
        if (isThere() && !(overTsnProxys && isTsnProxys())) {
            Optional<String> foreign = foreign();
            if (foreign.isPresent()) {
                throw new IOException(foreign.get());
            }
            if (Arrays.equals(Files.readAllBytes(file), shim) && isExecutable()) {
                return false;
            }
        }
        return files.put(file, shim, HostFiles.Access.ours(MODE), () -> true);
    }

    /** Takes it away, unless the file is another program's. */
    public Removal remove() throws IOException {
        files.sweep(file.getParent(), true);
        if (!isThere()) {
            return Removal.ABSENT;
        }
        if (foreign().isPresent()) {
            return Removal.FOREIGN;
        }
        files.delete(file);
        return Removal.REMOVED;
    }

    public enum Removal {
        REMOVED("removed"),
        ABSENT("none there"),
        FOREIGN("none there; the file of its name is another program's, and stays");

        private final String text;

        Removal(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    private boolean isThere() {
        return Files.exists(file, LinkOption.NOFOLLOW_LINKS);
    }

    private boolean isExecutable() throws IOException {
        return Files.getPosixFilePermissions(file).equals(PosixFilePermissions.fromString(MODE));
    }

    /** Why the file that is there is not ours, if it is not. */
    private Optional<String> foreign() throws IOException {
        if (!Files.exists(file)) {
            return Optional.of(file + " is a symbolic link to " + Files.readSymbolicLink(file)
                    + ", which cannot be seen from here; remove the link if it was tsn-cni's");
        }
        if (isTsnProxys()) {
            return Optional.of(file + " is tsn-proxy's script; " + TsnProxyFiles.HOW_TO_REPLACE);
        }
        boolean ours = Files.isRegularFile(file) && Files.size(file) <= SIZE_MAX && isOurs(Files.readAllBytes(file));
        return ours
                ? Optional.empty()
                : Optional.of(file
                        + " is not a shim of tsn-cni and is left as it is; move it away, or choose another directory");
    }

    /** A script that runs what it needs from a directory beside it. */
    boolean isTsnProxys() {
        try {
            if (!Files.isRegularFile(file) || Files.size(file) > SIZE_MAX) {
                return false;
            }
            String script = Files.readString(file, StandardCharsets.ISO_8859_1);
            return script.startsWith("#!") && script.contains("/" + TsnProxyFiles.DIRECTORY);
        } catch (IOException e) {
            // Gone, or not to be read: then install() says so.
            return false;
        }
    }

    private static boolean isOurs(byte[] program) {
        return new String(program, StandardCharsets.ISO_8859_1).contains(MARK);
    }
}

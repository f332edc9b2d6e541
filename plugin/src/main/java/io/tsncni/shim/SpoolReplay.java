// SPDX-License-Identifier: Apache-2.0
package io.tsncni.shim;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What shims left behind while there was no agent: DELs, and the ADDs of pods that started without TSN. */
public final class SpoolReplay {
    private static final System.Logger LOG = System.getLogger(SpoolReplay.class.getName());

    private static final Pattern NAME = Pattern.compile("(\\d{1,12})\\.(\\d{9})-\\d+\\.req");

    /** What needs programs was not spooled. */
    private static final Exec NOBODY = (path, environment, stdin) -> {
        throw new IOException(path + " cannot be run: the shim of a spooled request is gone");
    };

    private SpoolReplay() {}

    /**
     * Carries out the DELs, oldest first. Call it when the socket listens already: a shim looks for the agent once more
     * after it has written, so each of its requests is either here or comes by the socket.
     *
     * @param adds gets the ADDs of which no DEL has come
     */
    public static void replay(Path stateDir, ShimServer.Handler handler, PassedAdds adds) throws IOException {
        Path spool = stateDir.resolve("spool");
        if (!Files.isDirectory(spool)) {
            return;
        }
        List<Path> files;
        try (Stream<Path> entries = Files.list(spool)) {
            files = entries.filter(Files::isRegularFile).sorted().toList();
        }
        for (Path file : files) {
            if (file.toString().endsWith(".tmp")) {
                // Of a shim that was killed while it wrote; one that writes now finds its rename fail, and says so.
                Files.deleteIfExists(file);
                continue;
            }
            try (ShimRequest request = read(file)) {
                if (PassedAdds.isAdd(request)) {
                    adds.put(request, file);
                    continue;
                }
                adds.superseded(request);
                LOG.log(Level.INFO, "spooled while the agent was away: {0}", file.getFileName());
                if (handler.spooled(request, since(file)).mayHeal()) {
                    // Its runtime was told that all is well and will not come back; the next start will.
                    LOG.log(Level.ERROR, "kept in the spool: {0}", file);
                    continue;
                }
            } catch (IOException e) {
                LOG.log(Level.ERROR, "unreadable request dropped from the spool: {0}: {1}", file, e.getMessage());
            }
            Files.deleteIfExists(file);
        }
    }

    static ShimRequest read(Path file) throws IOException {
        return ShimRequest.decode(Files.readAllBytes(file), Optional.empty(), NOBODY);
    }

    /** The shim names the file by its clock: SECONDS.NANOSECONDS-PID.req. */
    static Instant since(Path file) {
        Matcher name = NAME.matcher(file.getFileName().toString());
        return name.matches()
                ? Instant.ofEpochSecond(Long.parseLong(name.group(1)), Long.parseLong(name.group(2)))
                : Instant.MAX;
    }
}

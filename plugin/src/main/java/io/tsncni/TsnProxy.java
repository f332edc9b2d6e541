// SPDX-License-Identifier: Apache-2.0
package io.tsncni;

import io.tsncni.datapath.TsnProxyPrograms;
import io.tsncni.install.TsnProxyFiles;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** What tsn-proxy has on this node beside us, for log, status and readiness. */
final class TsnProxy {
    private static final System.Logger LOG = System.getLogger(TsnProxy.class.getName());

    static final String WHY =
            "tsn-proxy and tsn-cni must not both be on a node: their plugins have the same name, so that whichever is"
                    + " written last serves the entries of both, and both set the priorities of packets at the NIC";

    /** Readiness is asked for every few seconds; a look takes two questions to the kernel for each device. */
    private static final Duration FRESH = Duration.ofSeconds(5);

    private final TsnProxyFiles files;
    private final Path bpffs;
    private Instant looked = Instant.MIN;
    private Found last;

    TsnProxy(TsnProxyFiles files, Path bpffs) {
        this.files = files;
        this.bpffs = bpffs;
    }

    record Found(TsnProxyFiles.Found files, TsnProxyPrograms programs) {
        boolean isEmpty() {
            return files.isEmpty() && programs.isEmpty();
        }

        /** Whether it does something to pods or their packets; else only its remains are there. */
        boolean acts() {
            return !files.entries().isEmpty()
                    || files.script().isPresent()
                    || !programs.attached().isEmpty();
        }

        /** For people, a line each. */
        List<String> lines() {
            List<String> lines = new ArrayList<>();
            files.entries().forEach(entry -> lines.add(entry.toString()));
            files.script().ifPresent(script -> lines.add(script + ": its script, under the name of tsn-cni's plugin"));
            programs.attached().forEach(program -> lines.add(program.toString()));
            programs.pins().forEach(pin -> lines.add(pin + ": its pin"));
            files.directory().ifPresent(directory -> lines.add(directory + ": what its script runs"));
            return lines;
        }
    }

    Found find() throws IOException {
        return new Found(files.find(), TsnProxyPrograms.find(bpffs));
    }

    /** As of the last few seconds. */
    synchronized Found recently() {
        Instant now = Instant.now();
        if (looked.isBefore(now.minus(FRESH))) {
            try {
                last = find();
            } catch (IOException | RuntimeException e) {
                LOG.log(Level.WARNING, "cannot look for tsn-proxy: {0}", e.toString());
                last = new Found(TsnProxyFiles.Found.NOTHING, TsnProxyPrograms.NOTHING);
            }
            looked = now;
        }
        return last;
    }

    void log() {
        Found found = recently();
        if (!found.isEmpty()) {
            found.lines().forEach(line -> LOG.log(Level.WARNING, "tsn-proxy is here: {0}", line));
            LOG.log(Level.WARNING, "{0}; {1}", WHY, TsnProxyFiles.HOW_TO_REPLACE);
        }
    }

    /** What keeps the node from being ready, if it does. */
    List<String> unready() {
        Found found = recently();
        return found.acts()
                ? List.of("tsn-proxy is on this node, too, see tsnctl status; " + TsnProxyFiles.HOW_TO_REPLACE)
                : List.of();
    }
}

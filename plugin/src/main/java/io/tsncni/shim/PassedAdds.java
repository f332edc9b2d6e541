// SPDX-License-Identifier: Apache-2.0
package io.tsncni.shim;

import io.tsncni.cni.CniAnswer;
import io.tsncni.linux.netns.HandedNetns;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;

/**
 * The ADDs of pods that started without TSN because there was no agent, carried out as soon as that goes. What the
 * runtime asks for goes before: a pod whose DEL has come gets nothing any more.
 */
public final class PassedAdds {
    private static final System.Logger LOG = System.getLogger(PassedAdds.class.getName());

    /** A NIC may be missing, or the API server. */
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(10);

    /** One that waits in the spool; its lock is held while it is carried out. */
    private static final class Kept {
        private final Path file;
        private boolean over;

        private Kept(Path file) {
            this.file = file;
        }
    }

    /** Finds the namespace of a kept request. */
    interface Opener {
        ShimRequest open(ShimRequest kept) throws IOException;
    }

    private final BiFunction<ShimRequest, Instant, CniAnswer> agent;
    private final Opener opener;
    private final Map<String, Kept> waiting = new ConcurrentHashMap<>();

    /** @param agent carries one out that has been waiting since then */
    public PassedAdds(BiFunction<ShimRequest, Instant, CniAnswer> agent) {
        this(agent, ShimRequest::withNamedNetns);
    }

    PassedAdds(BiFunction<ShimRequest, Instant, CniAnswer> agent, Opener opener) {
        this.agent = agent;
        this.opener = opener;
    }

    static boolean isAdd(ShimRequest request) {
        return request.environment().getOrDefault("CNI_COMMAND", "").equals("ADD");
    }

    private static String attachment(ShimRequest request) {
        return request.environment().get("CNI_CONTAINERID") + ":"
                + request.environment().get("CNI_IFNAME");
    }

    void put(ShimRequest request, Path file) {
        waiting.put(attachment(request), new Kept(file));
    }

    /** The attachments of which the pods are without TSN until now. */
    public List<String> waiting() {
        return waiting.keySet().stream().sorted().toList();
    }

    /** Until none waits any more, on a thread of its own. */
    public void start() {
        if (waiting.isEmpty()) {
            return;
        }
        Thread thread = new Thread(this::carryOut, "passed");
        thread.setDaemon(true);
        thread.start();
    }

    private void carryOut() {
        try {
            while (true) {
                waiting.forEach(this::carryOut);
                if (waiting.isEmpty()) {
                    return;
                }
                Thread.sleep(LOOK_AGAIN.toMillis());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void carryOut(String attachment, Kept kept) {
        synchronized (kept) {
            if (kept.over) {
                return;
            }
            try (ShimRequest request = opener.open(SpoolReplay.read(kept.file))) {
                if (!(request.netns() instanceof HandedNetns.Open)) {
                    LOG.log(
                            Level.WARNING,
                            "{0} stays without TSN: its pod is gone, or {1} is not to be seen by the agent; if the pod runs,"
                                    + " start it anew",
                            attachment,
                            request.environment().get("CNI_NETNS"));
                    finish(attachment, kept);
                    return;
                }
                CniAnswer answer = agent.apply(request, SpoolReplay.since(kept.file));
                if (answer.mayHeal()) {
                    LOG.log(Level.WARNING, "{0} is without TSN still: {1}", attachment, answer.stdout());
                    return;
                }
                if (answer.exit() != 0) {
                    LOG.log(Level.ERROR, "{0} stays without TSN, start its pod anew: {1}", attachment, answer.stdout());
                }
                finish(attachment, kept);
            } catch (IOException e) {
                LOG.log(Level.ERROR, "{0}: what its shim has kept in {1}: {2}", attachment, kept.file, e.getMessage());
                waiting.remove(attachment, kept);
            }
        }
    }

    private void finish(String attachment, Kept kept) throws IOException {
        kept.over = true;
        Files.deleteIfExists(kept.file);
        waiting.remove(attachment, kept);
    }

    /** Call it before a request that the runtime has now: its ADD or DEL of the same attachment counts. */
    public void superseded(ShimRequest request) {
        String command = request.environment().getOrDefault("CNI_COMMAND", "");
        Kept kept = waiting.get(attachment(request));
        if (kept != null && (command.equals("ADD") || command.equals("DEL"))) {
            synchronized (kept) {
                try {
                    finish(attachment(request), kept);
                } catch (IOException e) {
                    LOG.log(Level.WARNING, "{0} is of no use any more: {1}", kept.file, e.getMessage());
                }
            }
        }
    }
}

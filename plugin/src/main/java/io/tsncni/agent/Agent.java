// SPDX-License-Identifier: Apache-2.0
package io.tsncni.agent;

import io.tsncni.cni.CniException;
import io.tsncni.datapath.Datapath;
import io.tsncni.state.AttachmentStore;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;

/** The agent's parts, put together and put right. */
public final class Agent {
    private static final System.Logger LOG = System.getLogger(Agent.class.getName());
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

    private final Attachments attachments;
    private final CniDispatcher dispatcher;
    private final StatusReport report;

    private Agent(Attachments attachments) {
        this.attachments = attachments;
        this.dispatcher = new CniDispatcher(attachments);
        this.report = new StatusReport(attachments);
    }

    /** Takes over what an earlier agent left, a crashed one included. */
    public static Agent start(Path stateDir, Datapath datapath) throws IOException, CniException {
        String bootId = Files.readString(BOOT_ID).strip();
        Agent agent =
                new Agent(new Attachments(AttachmentStore.open(stateDir), datapath, new AttachmentLocks(), bootId));
        agent.attachments.recover();
        return agent;
    }

    public CniDispatcher dispatcher() {
        return dispatcher;
    }

    public StatusReport report() {
        return report;
    }

    /** A device came, changed or went: a NIC that is back gets its restorer back. */
    public void linksChanged() {
        try {
            attachments.followRecords();
        } catch (IOException | RuntimeException e) {
            LOG.log(Level.ERROR, "restorers may be missing until the next device event", e);
        }
    }
}

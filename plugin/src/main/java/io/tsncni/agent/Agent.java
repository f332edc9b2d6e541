// SPDX-License-Identifier: Apache-2.0
package io.tsncni.agent;

import io.tsncni.cni.CniException;
import io.tsncni.datapath.Datapath;
import io.tsncni.kube.Cluster;
import io.tsncni.metrics.MeasuredDatapath;
import io.tsncni.metrics.RequestMetrics;
import io.tsncni.resolve.Planner;
import io.tsncni.state.AttachmentStore;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The agent's parts, put together and put right. */
public final class Agent {
    private static final System.Logger LOG = System.getLogger(Agent.class.getName());
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

    private final Attachments attachments;
    private final CniDispatcher dispatcher;
    private final StatusReport report;

    private Agent(
            Attachments attachments,
            Planner planner,
            Announcer announcer,
            Optional<UnservedPods> unserved,
            RequestMetrics requests) {
        this.attachments = attachments;
        this.dispatcher = new CniDispatcher(attachments, planner, announcer, requests);
        this.report = new StatusReport(attachments, unserved);
    }

    /** Takes over what an earlier agent left, a crashed one included. */
    public static Agent start(
            Path stateDir, Datapath datapath, Optional<Cluster> cluster, AgentConfig settings, RequestMetrics requests)
            throws IOException, CniException {
        String bootId = Files.readString(BOOT_ID).strip();
        Attachments attachments =
                new Attachments(AttachmentStore.open(stateDir), datapath, new AttachmentLocks(), bootId);
        Optional<UnservedPods> unserved = cluster.isPresent()
                ? Optional.of(new UnservedPods(attachments.store(), cluster.get(), settings.entry()))
                : Optional.empty();
        Optional<PolicyFollower> follower =
                cluster.map(of -> new PolicyFollower(attachments, of, unserved.orElseThrow()));
        Agent agent = new Agent(
                attachments,
                new Planner(cluster, settings.pluginDirs()),
                new Announcer(cluster, follower),
                unserved,
                requests);
        attachments.recover();
        follower.ifPresent(PolicyFollower::start);
        return agent;
    }

    public CniDispatcher dispatcher() {
        return dispatcher;
    }

    public StatusReport report() {
        return report;
    }

    /** Makes the savers that were there before those of this version; once requests are served. */
    public void repairSavers() {
        new SaverRepair(attachments).run();
    }

    public MeasuredDatapath measured() {
        return new MeasuredAttachments(attachments);
    }

    /** A device came, changed or went: a NIC that is back gets its restorer back. */
    public void linksChanged() {
        try {
            attachments.followRecords();
            attachments.datapath().peers().settle();
        } catch (IOException | RuntimeException e) {
            LOG.log(Level.ERROR, "restorers may be missing until the next device event", e);
        }
    }
}

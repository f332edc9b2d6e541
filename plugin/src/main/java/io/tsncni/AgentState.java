// SPDX-License-Identifier: Apache-2.0
package io.tsncni;

import io.tsncni.agent.Agent;
import io.tsncni.cli.ProductVersion;
import io.tsncni.install.EntryState;
import io.tsncni.kube.Cluster;
import io.tsncni.metrics.MeasuredAgent;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Whether all is as it should be, for readiness and metrics. */
record AgentState(Agent agent, Optional<Cluster> cluster, HostInstallation host, TsnProxy tsnProxy)
        implements MeasuredAgent {
    /** What keeps the node from being ready, a line each. */
    List<String> unready() {
        List<String> lines = new ArrayList<>(agent.report().unready());
        Optional<EntryState> state = host.entry();
        if (state.isEmpty()) {
            lines.add("the agent is starting");
        } else if (state.get() instanceof EntryState.Missing entry) {
            lines.add(entry.toString());
        }
        lines.addAll(tsnProxy.unready());
        return lines;
    }

    @Override
    public String version() {
        return ProductVersion.number();
    }

    @Override
    public int unreadyReasons() {
        return unready().size();
    }

    @Override
    public Optional<Boolean> kubernetesSynced() {
        return cluster.map(Cluster::isSynced);
    }

    @Override
    public Optional<ChainedEntry> entry() {
        return host.measured();
    }
}

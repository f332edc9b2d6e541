// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.testbed.Cluster;
import io.tsncni.testbed.Node;
import io.tsncni.testbed.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** The cluster's node without an agent and an entry, for tests that have our image run as a DaemonSet. */
abstract class DaemonSetNode {
    private static final String CONFLIST = "00-plain.conflist";

    /** The other tests' network has an entry of type tsn, for which the shim would have to stay. */
    private static final String OTHERS = "10-chained.conflist";

    Node node;
    Cluster cluster;
    Path plugins;

    @BeforeEach
    void withoutAnAgentAndAnEntry(Node node, Cluster cluster) throws IOException {
        this.node = node;
        this.cluster = cluster;
        node.agent().stop();
        plugins = node.pluginDirectory();
        // The other tests' link, which leads to where a container does not see.
        Files.delete(plugins.resolve("tsn"));
        cluster.load(Path.of(System.getProperty("tsn.build"), "image/archive.tar"));
        Files.move(cluster.networks().resolve(OTHERS), cluster.networks().resolve(OTHERS + ".aside"));
        Files.writeString(
                cluster.networks().resolve(CONFLIST), node.conflist("0.4.0").toPrettyString());
        awaitNetwork();
    }

    @AfterEach
    void asItWas() throws IOException {
        kubectl(
                "delete",
                "--ignore-not-found",
                "-n",
                "kube-system",
                "daemonset/tsn-cni",
                "job/tsn-cni-uninstall-node1");
        Files.deleteIfExists(cluster.networks().resolve(CONFLIST));
        Files.move(
                cluster.networks().resolve(OTHERS + ".aside"),
                cluster.networks().resolve(OTHERS));
        Files.deleteIfExists(plugins.resolve("tsn"));
        node.pluginDirectory();
        awaitNetwork();
        node.agent().start();
    }

    /** containerd follows its directory by itself, a little later. */
    private static void awaitNetwork() {
        try {
            Thread.sleep(2000);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    String kubectl(String... arguments) {
        return cluster.kubectl().run(arguments).stdout();
    }

    String manifest(boolean chained) {
        return Chart.rendered(values(chained).toString());
    }

    ObjectNode values(boolean chained) {
        ObjectNode values = Nodes.JSON.createObjectNode();
        ObjectNode paths = values.putObject("paths");
        paths.put("cniBin", plugins.toString());
        paths.put("cniConf", cluster.networks().toString());
        paths.put("bpf", node.agent().bpffs().toString());
        paths.put("run", node.agent().socket().getParent().toString());
        paths.put("state", node.agent().stateDir().toString());
        values.putObject("image").put("repository", "docker.io/library/tsn-cni").put("tag", "test");
        ObjectNode entry = values.putObject("chain").put("enabled", chained).putObject("entry");
        if (chained) {
            entry.put("egress", node.nic().name()).put("onAgentDown", "pass").set("priorityMap", Mapped.MAP);
        }
        return values;
    }

    void apply(String manifest) {
        cluster.kubectl().command("apply", "--filename", "-").reading(manifest).run();
        awaitRollout();
    }

    void awaitRollout() {
        Shell.Result rollout = cluster.kubectl()
                .command("-n", "kube-system", "rollout", "status", "daemonset/tsn-cni", "--timeout=50s")
                .attempt();
        if (rollout.exit() != 0) {
            throw new AssertionError(rollout
                    + kubectl("-n", "kube-system", "describe", "pod")
                    + cluster.kubectl()
                            .command("-n", "kube-system", "logs", "daemonset/tsn-cni")
                            .attempt());
        }
    }
}

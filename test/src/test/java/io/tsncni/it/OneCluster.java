// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import io.tsncni.testbed.Artifacts;
import io.tsncni.testbed.Cluster;
import io.tsncni.testbed.ClusterNamespace;
import io.tsncni.testbed.Node;
import io.tsncni.testbed.Qdisc;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives tests their node, its cluster and a Kubernetes namespace. The cluster is one for all, with a running agent and
 * two networks: chained with {@link Mapped#MAP}, and our meta-plugin with a bridge as the default network. The namespace
 * is each test's own, and with its pods gone nothing may be left on the node.
 */
final class OneCluster implements ParameterResolver {
    private static final Namespace STORE = Namespace.create(OneCluster.class);

    private record Running(Node node, Cluster cluster) implements AutoCloseable {
        static Running start() {
            Node node = new Node(Artifacts.fromSystemProperties(), Qdisc.HTB);
            try {
                var chained = node.conflist("0.4.0", node.tsnEntry(Mapped.MAP));
                var meta = Nodes.JSON.createObjectNode().put("cniVersion", "0.4.0");
                meta.put("name", "meta")
                        .put("type", "tsn")
                        .putArray("delegates")
                        .add(node.bridgeConf("0.4.0"));
                Cluster cluster = new Cluster(node, chained, meta);
                node.agent().start();
                return new Running(node, cluster);
            } catch (RuntimeException e) {
                node.close();
                throw e;
            }
        }

        @Override
        public void close() {
            try (node) {
                cluster.close();
            }
        }
    }

    private record Own(Node node, ClusterNamespace namespace) implements AutoCloseable {
        @Override
        public void close() {
            namespace.close();
            assertNothingLeft(node);
        }
    }

    static void assertNothingLeft(Node node) {
        // The reservation goes last but one.
        Eventually.assertTrue(
                Duration.ofSeconds(5), () -> Leftovers.of(node).records().isEmpty(), "a record is left");
        Leftovers.assertNone(node);
        Assertions.assertEquals(Set.of(), node.reservations());
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext test) {
        Class<?> type = parameter.getParameter().getType();
        return type == Node.class || type == Cluster.class || type == ClusterNamespace.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext test) {
        Running running = test.getRoot()
                .getStore(STORE)
                .getOrComputeIfAbsent(Running.class, key -> Running.start(), Running.class);
        Class<?> type = parameter.getParameter().getType();
        if (type == Node.class) {
            return running.node();
        }
        if (type == Cluster.class) {
            return running.cluster();
        }
        ClusterNamespace namespace = running.cluster().namespace();
        test.getStore(STORE).put(Own.class, new Own(running.node(), namespace));
        return namespace;
    }
}

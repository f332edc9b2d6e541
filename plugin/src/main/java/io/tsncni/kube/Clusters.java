// SPDX-License-Identifier: Apache-2.0
package io.tsncni.kube;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.logging.Logger;

/** How to get at a cluster. */
public final class Clusters {
    private static final System.Logger LOG = System.getLogger(Clusters.class.getName());

    private static final Duration BOUND = Duration.ofSeconds(10);

    /** Held, because a logger that nobody holds forgets its level. Whatever these say, we say it ourselves, and once. */
    private static final List<Logger> NOISY =
            List.of(Logger.getLogger("io.fabric8"), Logger.getLogger("io.fabric8.kubernetes.client.informers"));

    static {
        NOISY.get(0).setLevel(java.util.logging.Level.SEVERE);
        NOISY.get(1).setLevel(java.util.logging.Level.OFF);
    }

    private Clusters() {}

    /**
     * Starts to follow a cluster, whether its API server is there yet or not.
     *
     * @param kubeconfig without it, the agent is taken to run in a pod, with its service account
     * @param nodeName the node whose pods are followed; without it, those of all nodes
     */
    public static Cluster connect(Optional<Path> kubeconfig, Optional<String> nodeName) throws IOException {
        Config config = kubeconfig.isPresent()
                ? ApiAccess.byKubeconfig(kubeconfig.get())
                : ApiAccess.inCluster(System.getenv(), ApiAccess.SERVICE_ACCOUNT);
        return connect(config, nodeName, BOUND);
    }

    static Cluster connect(Config config, Optional<String> nodeName, Duration bound) throws IOException {
        if (nodeName.isEmpty()) {
            LOG.log(Level.WARNING, "the pods of every node are followed, in memory too; say --node-name");
        }
        KubernetesSerialization serialization = new KubernetesSerialization(new ObjectMapper(), false);
        serialization.registerKubernetesResource(PodResource.class);
        serialization.registerKubernetesResource(NadResource.class);
        return new InformedCluster(LeanClient.of(config, serialization), nodeName, bound);
    }
}

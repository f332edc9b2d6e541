// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.testbed.Artifacts;
import io.tsncni.testbed.ClusterNamespace;
import io.tsncni.testbed.ContainerImage;
import io.tsncni.testbed.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * docs/first-nad.md from its first line to its last, in a real Kubernetes. Not as it stands there: the image and the program
 * in it, as no registry is here, with a device of the testbed's to talk to; the namespace's name; and {@code helm}, in whose
 * place its own code renders the chart, with the paths of this node.
 */
@RequiresRoot
@Tag("cluster")
@ExtendWith(OneCluster.class)
class ClusterDocsIT extends DaemonSetNode {
    @TempDir
    Path directory;

    @Test
    void theFirstNad(ClusterNamespace namespace) throws IOException {
        Path root = Artifacts.fromSystemProperties().dist().getParent();
        ObjectNode values = values(true);
        ((ObjectNode) values.path("chain")).putObject("entry");
        Path manifest = Files.writeString(directory.resolve("manifest"), Chart.rendered(values.toString()));
        Path programs = Files.createDirectories(directory.resolve("programs"));
        Path helm = Files.writeString(
                programs.resolve("helm"),
                "#!/bin/sh\n[ \"$*\" = 'template tsn-cni deploy/helm/tsn-cni -n kube-system --set chain.enabled=true' ] && cat "
                        + manifest + "\n");
        Shell.run("chmod", "+x", helm.toString());
        Path kubeconfig = Files.copy(cluster.kubectl().kubeconfig(), directory.resolve("kubeconfig"));
        Map<String, String> variables = Map.of(
                "KUBECONFIG",
                kubeconfig.toString(),
                "PATH",
                programs + ":" + cluster.kubectl().program().getParent());
        try (DocRun run = new DocRun(node, directory).inCluster(variables, replaced(namespace))) {
            run.run(DocPage.read(root, root.resolve("docs/first-nad.md")));
            // Its end needs the agent, which goes next.
            Eventually.assertTrue(
                    Duration.ofSeconds(60), () -> node.reservations().isEmpty(), "the page's pod does not end");
        }
    }

    private Map<String, String> replaced(ClusterNamespace namespace) {
        Map<String, String> replaced = new LinkedHashMap<>();
        replaced.put("cell-1", namespace.name());
        replaced.put("docker.io/library/python:3-slim", ContainerImage.NAME);
        String talker =
                "command: [/talker, udp, --to, %s, --port, '%d', --priority, '6', --count, '0', --pps, '100']\nEOF";
        replaced.put(
                "(?s)command:\n.*python3.*?\nEOF", talker.formatted(node.nic().address(), Nodes.port(1)));
        return replaced;
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import io.tsncni.agent.AgentConfig;
import io.tsncni.testbed.Artifacts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The manifests that users apply. What they do in a cluster is ClusterInstallIT's. */
class ChartIT {
    private static final String CHAINED =
            """
            chain: {enabled: true, entry: {egress: tsn0, priorityMap: {"6": 5, "*": 0}}}
            nics: {tsn0: {unstamped: keep, trustHash: true}, "eth0.5": {}}
            pluginDirs: [/opt/plugins]
            """;

    @TempDir
    Path directory;

    private static String plain() throws IOException {
        return Files.readString(Artifacts.fromSystemProperties().manifest("tsn-cni.yaml"));
    }

    @Test
    void theChartIsWellMade() {
        LintResult result = new Helm(Chart.directory()).lint().strict().call();
        assertFalse(result.isFailed(), result.getMessages().toString());
    }

    /** One source of truth: who changes the chart copies what this test has written. */
    @Test
    void theManifestIsWhatTheChartRenders() throws IOException {
        assertIs(
                "tsn-cni.yaml",
                """
                # SPDX-License-Identifier: Apache-2.0
                # Made from deploy/helm/tsn-cni with its default values; change it there.
                """
                        + Chart.rendered("{}"));
    }

    @Test
    void theUninstallJobIsWhatTheChartRenders() throws IOException {
        String all = Chart.rendered("uninstallFrom: NODE");
        assertIs(
                "uninstall.yaml",
                """
                # SPDX-License-Identifier: Apache-2.0
                # Takes tsn-cni away from the node NODE, once the DaemonSet is gone; docs/install.md says how. Running pods keep their
                # network and lose their priorities. Made from deploy/helm/tsn-cni with its default values; change it there, or render it
                # with yours: helm template tsn-cni deploy/helm/tsn-cni -n kube-system -f YOURS --set uninstallFrom=NODE
                # --show-only templates/uninstall.yaml
                """
                        + all.substring(all.indexOf("---\n# Source: tsn-cni/templates/uninstall.yaml")));
    }

    private static void assertIs(String name, String rendered) throws IOException {
        Path written = Files.writeString(Path.of(System.getProperty("tsn.build"), name), rendered);
        String there = Files.readString(Artifacts.fromSystemProperties().manifest(name));
        assertEquals(rendered, there, "cp " + written + " deploy/" + name);
    }

    /** For an agent outside a pod there is a file with these alone. */
    @Test
    void theAgentsRightsAreTheSameInBothFiles() throws IOException {
        String rbac = Files.readString(Artifacts.fromSystemProperties().manifest("rbac.yaml"));
        List<JsonNode> manifest = Chart.objects(plain());
        for (JsonNode object : Chart.objects(rbac)) {
            assertTrue(manifest.contains(object), object.toString());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", CHAINED, "chain: {enabled: true}"})
    void theAgentTakesTheConfigurationThatTheChartWrites(String values) throws IOException {
        String config = Chart.object(Chart.rendered(values), "ConfigMap")
                .at("/data/tsnd.json")
                .asText();
        AgentConfig read = AgentConfig.read(Files.writeString(directory.resolve("tsnd.json"), config));
        assertEquals(values.equals(CHAINED), read.nic("tsn0").trustHash());
        assertEquals(values.equals(CHAINED) ? List.of("/opt/plugins") : List.of(), read.pluginDirs());
    }

    @Test
    void aChangeOfTheConfigurationStartsTheAgentsAnew() {
        List<String> digests = new ArrayList<>();
        for (String values : List.of("{}", CHAINED, "{}")) {
            digests.add(Chart.object(Chart.rendered(values), "DaemonSet")
                    .at("/spec/template/metadata/annotations")
                    .path("tsncni.io/config-digest")
                    .asText());
        }
        assertEquals(digests.get(0), digests.get(2));
        assertFalse(digests.get(0).equals(digests.get(1)), digests.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"uninstall.yaml", "migrate.yaml"})
    void aJobIsOfTheSameImageAndOfNoMoreRights(String name) throws IOException {
        JsonNode agent = Chart.object(plain(), "DaemonSet").at("/spec/template/spec/containers/0");
        String manifest = Files.readString(Artifacts.fromSystemProperties().manifest(name));
        JsonNode job = Chart.object(manifest, "Job").at("/spec/template/spec/containers/0");
        assertEquals(agent.path("image"), job.path("image"));
        JsonNode more = agent.path("securityContext").deepCopy();
        // The Job sends no packets of its own.
        assertEquals(
                "NET_RAW", ((ArrayNode) more.at("/capabilities/add")).remove(2).asText());
        assertEquals(more, job.path("securityContext"));
    }

    /** Guaranteed, and no more rights than it has been proven to need (ClusterInstallIT). */
    @Test
    void theAgentIsNotPrivileged() throws IOException {
        JsonNode pod = Chart.object(plain(), "DaemonSet").at("/spec/template/spec");
        JsonNode container = pod.at("/containers/0");
        JsonNode security = container.path("securityContext");
        assertFalse(security.path("privileged").asBoolean());
        assertFalse(security.path("allowPrivilegeEscalation").asBoolean(true));
        assertTrue(security.path("readOnlyRootFilesystem").asBoolean());
        assertEquals("[\"ALL\"]", security.at("/capabilities/drop").toString());
        assertEquals(
                "[\"SYS_ADMIN\",\"NET_ADMIN\",\"NET_RAW\"]",
                security.at("/capabilities/add").toString());
        assertEquals(
                "RuntimeDefault", pod.at("/securityContext/seccompProfile/type").asText());
        assertFalse(pod.path("hostPID").asBoolean());
        assertEquals(container.at("/resources/requests"), container.at("/resources/limits"));
        assertEquals(2, container.at("/resources/limits").size());
    }

    /** A second listener: probes go to the loopback, also where the metrics are on the node's address. */
    @Test
    void metricsLeaveTheLoopbackOnlyIfSomebodyAsksForIt() {
        for (boolean expose : new boolean[] {false, true}) {
            JsonNode template = Chart.object(
                            Chart.rendered("port: 9999\nmetrics: {expose: " + expose + "}"), "DaemonSet")
                    .at("/spec/template");
            JsonNode agent = template.at("/spec/containers/0");
            List<String> listens = new ArrayList<>();
            for (JsonNode argument : agent.path("args")) {
                if (argument.asText().contains("listen")) {
                    listens.add(argument.asText());
                }
            }
            List<String> loopback = List.of("--listen=127.0.0.1:9999");
            List<String> both = List.of("--listen=127.0.0.1:9999", "--metrics-listen=$(NODE_IP):9999");
            assertEquals(expose ? both : loopback, listens);
            assertEquals(expose ? "NODE_IP" : "", agent.at("/env/1/name").asText());
            assertEquals(expose ? 9999 : 0, agent.at("/ports/0/containerPort").asInt());
            JsonNode annotations = template.at("/metadata/annotations");
            assertEquals(
                    expose ? "9999" : "", annotations.path("prometheus.io/port").asText());
            assertEquals("127.0.0.1", agent.at("/livenessProbe/httpGet/host").asText());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "chains: {}",
                "chain: {enabled: 1}",
                "chain: {entry: {type: tsn}}",
                "nics: {tsn0: {unstamped: none}}",
                "nics: {tsn0: {trusthash: true}}",
                "pluginDirs: [plugins]",
                "port: 0",
                "metrics: {expose: 1}",
                "paths: {run: run/tsn}",
                "image: {pullPolicy: Sometimes}",
                "resources: {cpu: 1}"
            })
    void aValueThatMakesNoSenseIsRefused(String values) {
        String key = values.substring(0, values.indexOf(':'));
        RuntimeException refusal = assertThrows(RuntimeException.class, () -> Chart.rendered(values));
        assertTrue(refusal.getMessage().contains(key), refusal.getMessage());
    }
}

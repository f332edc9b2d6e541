// SPDX-License-Identifier: Apache-2.0
package io.tsncni.resolve;

import static io.tsncni.resolve.NetworkSelections.DEFAULT_NETWORK;
import static io.tsncni.resolve.NetworkSelections.NETWORKS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.cni.CniArgs;
import io.tsncni.cni.CniException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NetworksTest {
    @TempDir
    Path directory;

    private final NadsForTest cluster = new NadsForTest()
            .with("plant", "lan", "{'type': 'macvlan'}")
            .with("plant", "wan", "{'name': 'own', 'plugins': [{'type': 'ipvlan'}, {'type': 'tsn'}]}")
            .with("default", "shared", "{'type': 'bridge'}")
            .with("other", "lan", "{'type': 'ptp'}")
            .with("kube-system", "cluster", "{'type': 'calico'}")
            .with("kube-system", "extra", "{'type': 'vlan'}");

    private static String text(NetworkPlan plan) {
        return plan.networks().stream()
                .map(n -> n.ifName() + "=" + n.displayName())
                .collect(Collectors.joining(" "));
    }

    private Network only(String conf, String element) throws CniException {
        return cluster.plan(conf, Map.of(NETWORKS, "[" + element + "]"))
                .networks()
                .get(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
            ``                                        | eth0=a net1=b
            lan                                       | eth0=a net1=b net2=plant/lan
            lan,lan                                   | eth0=a net1=b net2=plant/lan net3=plant/lan
            lan@foo0,lan                              | eth0=a net1=b foo0=plant/lan net3=plant/lan
            lan,lan@foo0,wan                          | eth0=a net1=b net2=plant/lan foo0=plant/lan net4=plant/wan
            default/shared,other/lan                  | eth0=a net1=b net2=default/shared net3=other/lan
            lan@net3,lan@net2                         | eth0=a net1=b net3=plant/lan net2=plant/lan
            """)
    void aNetworkWithAnInterfaceOfItsOwnStillUsesUpItsNumber(String annotation, String networks) throws CniException {
        String conf = "{'type': 'tsn', 'delegates': [{'name': 'a', 'type': 'bridge'}, {'name': 'b', 'type': 'ptp'}]}";
        assertEquals(networks, text(cluster.plan(conf, Map.of(NETWORKS, annotation))));
    }

    @ParameterizedTest
    @CsvSource({
        "plant, eth0=kube-system/cluster net1=kube-system/extra net2=plant/lan",
        "kube-system, eth0=kube-system/cluster net1=plant/lan"
    })
    void defaultNetworksStandBetweenButNotInSystemNamespaces(String namespace, String networks) throws CniException {
        NetworkPlan plan = cluster.plan(
                "{'clusterNetwork': 'cluster', 'defaultNetworks': ['extra']}",
                namespace,
                Map.of(NETWORKS, "plant/lan"));
        assertEquals(networks, text(plan));
        assertTrue(plan.networks().get(0).isMaster());
        assertFalse(plan.networks().get(1).isMaster());
    }

    @Test
    void aContainerWithoutAPodGetsTheDefaultNetworkAlone() throws CniException {
        assertEquals(
                "eth0=kube-system/cluster",
                text(cluster.planWithoutPod("{'clusterNetwork': 'cluster', 'defaultNetworks': ['extra']}")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
            cluster                        | eth0=kube-system/cluster
            plant/lan@foo0                 | foo0=plant/lan
            [{'name': 'cluster'}]          | eth0=kube-system/cluster
            """)
    void aPodsOwnDefaultNetworkTakesThePlaceOfTheFirst(String annotation, String master) throws CniException {
        Map<String, String> annotations = Map.of(DEFAULT_NETWORK, annotation, NETWORKS, "lan");
        assertEquals(
                master + " net1=b net2=plant/lan",
                text(cluster.plan(
                        "{'delegates': [{'name': 'a', 'type': 'x'}, {'name': 'b', 'type': 'y'}]}", annotations)));
        assertEquals(
                master + " net1=plant/lan",
                text(cluster.plan("{'clusterNetwork': 'absent'}", annotations)),
                "the one that it replaces is not asked for");
    }

    @Test
    void aConfigurationWithoutANameGetsItsDefinitions() throws CniException {
        List<Network> networks = cluster.plan("{'clusterNetwork': 'cluster'}", Map.of(NETWORKS, "lan,wan"))
                .networks();
        assertEquals("lan", networks.get(1).list().name());
        assertEquals("own", networks.get(2).list().name());
        assertEquals(2, networks.get(2).list().plugins().size());
    }

    @Test
    void aDefinitionWithoutAConfigurationStandsForAFile() throws IOException, CniException {
        Files.writeString(directory.resolve("10.conf"), "{\"name\": \"filed\", \"type\": \"bridge\"}");
        cluster.with("plant", "filed", "");
        NetworkPlan plan =
                cluster.plan("{'clusterNetwork': 'filed', 'confDir': '" + directory + "'}", Map.of(NETWORKS, "filed"));
        assertEquals("eth0=filed net1=plant/filed", text(plan));
        assertEquals(plan.networks().get(0).list(), plan.networks().get(1).list());
    }

    @ParameterizedTest
    @CsvSource({
        "both, eth0=kube-system/both",
        "My_Net, eth0=My_Net",
        "broken, eth0=broken",
        "dir/, eth0=My_Net",
        "file, eth0=file"
    })
    void aClusterNetworkIsADefinitionOrElseAFile(String name, String networks) throws IOException, CniException {
        for (String file : List.of("both", "broken", "My_Net")) {
            Files.writeString(directory.resolve(file + ".conf"), "{\"name\": \"" + file + "\", \"type\": \"bridge\"}");
        }
        Files.writeString(directory.resolve("any"), "{\"name\": \"file\", \"type\": \"bridge\"}");
        cluster.with("kube-system", "both", "{'type': 'ptp'}").with("kube-system", "broken", "{}");
        String clusterNetwork =
                switch (name) {
                    case "dir/" -> directory.toString();
                    case "file" -> directory.resolve("any").toString();
                    default -> name;
                };
        assertEquals(
                networks,
                text(cluster.plan(
                        "{'clusterNetwork': '" + clusterNetwork + "', 'confDir': '" + directory + "'}", Map.of())));
    }

    @Test
    void aClusterNetworkInAFileNeedsNoKubernetes() throws IOException, CniException {
        Files.writeString(directory.resolve("10.conf"), "{\"name\": \"lan\", \"type\": \"bridge\"}");
        cluster.isAway();
        String confDir = "', 'confDir': '" + directory + "'}";
        assertEquals("eth0=lan", text(cluster.plan("{'clusterNetwork': 'lan" + confDir, Map.of())));
        assertEquals("eth0=lan", text(cluster.plan("{'clusterNetwork': '" + directory + confDir, Map.of())));
    }

    @Test
    void whatAPodAsksForTakesThePlaceOfWhatTheRuntimeAsksForSaveOnTheMaster() throws CniException {
        String conf = "{'clusterNetwork': 'cluster', 'runtimeConfig': {'mac': 'runtime', 'ips': ['10.0.0.1'],"
                + " 'portMappings': [{'hostPort': 1}], 'io.kubernetes.cri.pod-annotations': {'a': 'b'}}}";
        String element = "{'name': 'cluster', 'namespace': 'kube-system', 'mac': '02:00:00:00:00:07', 'ips': [],"
                + " 'infiniband-guid': '02:00:00:00:00:00:00:07', 'portMappings': [{'hostPort': 2}],"
                + " 'bandwidth': {'egressRate': 5}, 'deviceID': 'd'}";
        NetworkPlan plan = cluster.plan(
                conf, Map.of(DEFAULT_NETWORK, "[" + element + "]", NETWORKS, "[" + element + ",{'name': 'lan'}]"));
        String base = "{'mac': 'runtime', 'ips': ['10.0.0.1'], 'portMappings': [{'hostPort': 1}],"
                + " 'io.kubernetes.cri.pod-annotations': {'a': 'b'}}";
        assertEquals(Json.object(base), plan.networks().get(0).capabilityArgs());
        assertEquals(
                Json.object("{'mac': '02:00:00:00:00:07', 'infinibandGUID': '02:00:00:00:00:00:00:07',"
                        + " 'portMappings': [{'hostPort': 2, 'containerPort': 0}],"
                        + " 'io.kubernetes.cri.pod-annotations': {'a': 'b'}, 'deviceID': 'd',"
                        + " 'bandwidth': {'ingressRate': 0, 'ingressBurst': 0, 'egressRate': 5, 'egressBurst': 0}}"),
                Json.object(plan.networks().get(1).capabilityArgs().toString()),
                "an empty list takes the runtime's away");
        assertEquals(Json.object(base), plan.networks().get(2).capabilityArgs(), "one network's are not another's");
    }

    @Test
    void cniArgsAndADeviceGoIntoEveryPlugin() throws CniException {
        Network network = only(
                "{'clusterNetwork': 'cluster'}", "{'name': 'wan', 'cni-args': {'k': [1]}, 'deviceID': '0000:03:02.3'}");
        assertEquals(
                Json.object("{'name': 'own', 'plugins': [{'type': 'ipvlan', 'args': {'cni': {'k': [1]}},"
                        + " 'deviceID': '0000:03:02.3', 'pciBusID': '0000:03:02.3'}, {'type': 'tsn', 'args': {'cni':"
                        + " {'k': [1]}}, 'deviceID': '0000:03:02.3', 'pciBusID': '0000:03:02.3'}]}"),
                network.list().raw());
    }

    @Test
    void addressesGoIntoCniArgsOfTheMasterToo() throws CniException {
        CniArgs given = CniArgs.parse("MAC=02:00:00:00:00:01;A=1");
        String element = "[{'name': 'cluster', 'namespace': 'kube-system', 'mac': '02:00:00:00:00:07',"
                + " 'ips': ['10.0.0.5/24', 'fd00::5']}, {'name': 'lan', 'ips': []}]";
        NetworkPlan plan = cluster.plan("{'clusterNetwork': 'cluster'}", Map.of(NETWORKS, element));
        assertEquals(given, plan.networks().get(0).addArgs(given));
        assertEquals(
                "A=1;MAC=02:00:00:00:00:07;IP=10.0.0.5/24,fd00::5",
                plan.networks().get(1).addArgs(given).toString());
        assertEquals(given, plan.networks().get(2).addArgs(given));
        NetworkPlan own = cluster.plan(
                "{'clusterNetwork': 'cluster'}", Map.of(DEFAULT_NETWORK, "[{'name': 'cluster', 'ips': ['10.0.0.5']}]"));
        assertEquals(
                "IP=10.0.0.5", own.networks().get(0).addArgs(CniArgs.parse("")).toString());
    }

    @Test
    void aDefinitionThatIsNamedTwiceIsAskedForOnce() throws CniException {
        cluster.plan("{'delegates': [{'name': 'a', 'type': 'x'}]}", Map.of(NETWORKS, "lan,lan,other/lan"));
        assertEquals(List.of("plant/lan", "other/lan"), cluster.asked());
    }

    @Test
    void isolationLeavesThePodsNamespaceAndTheGlobalOnes() throws CniException {
        String conf = "{'namespaceIsolation': true, 'delegates': [{'name': 'a', 'type': 'x'}]";
        assertEquals(
                "eth0=a net1=plant/lan net2=default/shared",
                text(cluster.plan(conf + "}", Map.of(NETWORKS, "lan,default/shared"))));
        assertEquals(
                "eth0=a net1=other/lan",
                text(cluster.plan(conf + ", 'globalNamespaces': 'x, other'}", Map.of(NETWORKS, "other/lan"))));
        assertEquals(
                "eth0=kube-system/cluster",
                text(cluster.plan(conf + "}", Map.of(DEFAULT_NETWORK, "cluster"))),
                "who runs the node offers the networks of multusNamespace for this");
        assertEquals("eth0=plant/lan", text(cluster.plan(conf + "}", Map.of(DEFAULT_NETWORK, "plant/lan"))));
        assertEquals("eth0=default/shared", text(cluster.plan(conf + "}", Map.of(DEFAULT_NETWORK, "default/shared"))));
    }

    @Test
    void theDeepestInputThatIsReadFitsTheStacksOfTheAgent() throws InterruptedException {
        String deep = "{'k':".repeat(97) + "1" + "}".repeat(97);
        cluster.with("plant", "deep", "{'type': 'a', 'args': {'cni': {'x': 1}}, 'k': " + deep + "}");
        AtomicReference<Throwable> outcome = new AtomicReference<>(new AssertionError("did not run"));
        Runnable all = () -> {
            try {
                Network network = only("{'clusterNetwork': 'cluster'}", "{'name': 'deep', 'cni-args': " + deep + "}");
                ObjectNode stdin = network.list().pluginConf(0, "1.0.0", Optional.empty(), network.capabilityArgs());
                outcome.set(stdin.toString().length() > 1000 ? null : new AssertionError(stdin.toString()));
            } catch (CniException | RuntimeException | StackOverflowError e) {
                outcome.set(e);
            }
        };
        // -Xss256k is what they have.
        Thread thread = new Thread(null, all, "small", 256 * 1024);
        thread.start();
        thread.join();
        assertNull(outcome.get());
    }
}

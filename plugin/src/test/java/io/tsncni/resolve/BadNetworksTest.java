// SPDX-License-Identifier: Apache-2.0
package io.tsncni.resolve;

import static io.tsncni.resolve.NetworkSelections.DEFAULT_NETWORK;
import static io.tsncni.resolve.NetworkSelections.NETWORKS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tsncni.cni.CniException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BadNetworksTest {
    private static final String CONF =
            "{'type': 'tsn', 'namespaceIsolation': true, 'delegates': [{'name': 'a', 'type': 'x'}]}";

    private final NadsForTest cluster = new NadsForTest()
            .with("plant", "lan", "{'type': 'macvlan'}")
            .with("plant", "empty", "")
            .with("plant", "text", "macvlan")
            .with("plant", "list", "[]")
            .with("plant", "blank", " ")
            .with("plant", "nothing", "{}")
            .with("plant", "hollow", "{'plugins': []}")
            .with("plant", "path", "{'type': '../sh'}")
            .with("plant", "long", "{'type': '" + "a".repeat(1_000_000) + "'}")
            .with("plant", "deep", "{'type': 'a', 'b': " + "[".repeat(100) + "]".repeat(100) + "}")
            .with("plant", "meta", "{'type': 'tsn', 'clusterNetwork': 'x'}")
            .with("plant", "metas", "{'plugins': [{'type': 'bridge'}, {'type': 'tsn', 'Delegates': []}]}")
            .with("plant", "inner", "{'type': 'tsn', 'delegate': {'type': 'tsn', 'delegates': []}}")
            .with("plant", "multus", "{'type': 'multus', 'clusterNetwork': 'x'}");

    private CniException refusal(String conf, Map<String, String> annotations) {
        return assertThrows(CniException.class, () -> cluster.plan(conf, annotations));
    }

    private static void assertMessage(String message, CniException refusal) {
        assertEquals(
                message,
                refusal.getMessage()
                        .substring(
                                0,
                                Math.min(message.length(), refusal.getMessage().length())));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
            text    | NAD plant/text: spec.config: not JSON at line 1, column
            list    | NAD plant/list: spec.config: expected a network configuration, an object, got the array []
            blank   | NAD plant/blank: spec.config: expected a network configuration, an object, got nothing
            nothing | NAD plant/nothing: spec.config: has neither a 'type', as one plugin's configuration, nor 'plugins'
            hollow  | NAD plant/hollow: spec.config.plugins: an empty list
            path    | NAD plant/path: spec.config.type: expected the file name of a plugin
            long    | NAD plant/long: spec.config: has 1000012 characters; 262144 is as much as is read
            deep    | NAD plant/deep: spec.config: not JSON
            empty   | NAD plant/empty: spec.config: empty, and no configuration in /etc/cni/multus/net.d has its name
            meta    | plant/meta: 'tsn' with delegates or clusterNetwork cannot be part of a network
            metas   | plant/metas: 'tsn' with delegates or clusterNetwork cannot be part of a network
            inner   | plant/inner: 'tsn' with delegates or clusterNetwork cannot be part of a network
            """)
    void aBadDefinitionIsRefusedByItsName(String name, String message) {
        CniException refusal = refusal(CONF, Map.of(NETWORKS, name));
        assertMessage(message, refusal);
        assertEquals(7, refusal.code().number());
    }

    @Test
    void anotherMetaPluginIsNoneOfOurBusiness() throws CniException {
        assertEquals(
                2, cluster.plan(CONF, Map.of(NETWORKS, "multus")).networks().size());
    }

    @Test
    void aMissingDefinitionMayStillCome() {
        CniException refusal = refusal(CONF, Map.of(NETWORKS, "lan,absent"));
        assertEquals(11, refusal.code().number());
        assertEquals("cannot find a network-attachment-definition (absent) in namespace (plant)", refusal.getMessage());
        NoNetworkFoundException missing = assertInstanceOf(NoNetworkFoundException.class, refusal);
        assertEquals("plant/absent", missing.namespace() + "/" + missing.name());
    }

    @ParameterizedTest
    @CsvSource({
        "absent, cannot find a network-attachment-definition (absent) in namespace (kube-system)",
        "My_Net, 'clusterNetwork: no configuration in /etc/cni/multus/net.d is named the string \"My_Net\"'",
        "'', delegates: at least one",
        "/absent/10.conf, /absent/10.conf: there is no such file; its network is not set up yet",
    })
    void aMissingClusterNetworkIsNamed(String name, String message) {
        assertMessage(message, refusal("{'clusterNetwork': '" + name + "'}", Map.of()));
    }

    @Test
    void whoCannotTellWhetherADefinitionIsThereIsNotTakenForANo() {
        cluster.isAway();
        assertMessage("Kubernetes: no answer", refusal(CONF, Map.of(NETWORKS, "lan")));
        assertMessage("Kubernetes: no answer", refusal("{'clusterNetwork': 'lan'}", Map.of()));
    }

    @ParameterizedTest
    @CsvSource({NETWORKS + ", 'lan,kube-system/x', [1]", DEFAULT_NETWORK + ", other/lan, [0]"})
    void isolationKeepsOtherNamespacesOutBeforeAnyoneIsAsked(String annotation, String networks, String place) {
        CniException refusal = refusal(CONF, Map.of(annotation, networks));
        assertEquals(
                annotation + place + ": namespace isolation enabled, annotation violates permission, pod is in"
                        + " namespace plant but refers to target namespace "
                        + networks.replaceAll(".*,|/.*", ""),
                refusal.getMessage());
        assertEquals(7, refusal.code().number());
        assertEquals(List.of(), cluster.asked());
    }

    @Test
    void globalNamespacesReplaceTheDefault() {
        String conf = CONF.replace("'type': 'tsn'", "'globalNamespaces': 'other'");
        assertMessage(NETWORKS + "[0]: namespace isolation", refusal(conf, Map.of(NETWORKS, "default/shared")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
            []           | v1.multus-cni.io/default-network: names no network
            lan,lan      | v1.multus-cni.io/default-network: more than one default network is specified
            [null]       | v1.multus-cni.io/default-network[0]: expected an object
            {}           | v1.multus-cni.io/default-network: expected a list of networks
            """)
    void aPodHasOneDefaultNetwork(String text, String message) {
        assertMessage(message, refusal(CONF, Map.of(DEFAULT_NETWORK, text)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
            lan@eth0       | the interface 'eth0' would be made by both a and plant/lan; ask for another name
            lan@net2,lan   | the interface 'net2' would be made by both plant/lan and plant/lan; ask for another name
            lan,lan@net1   | the interface 'net1' would be made by both plant/lan and plant/lan; ask for another name
            """)
    void anInterfaceIsMadeByOneNetwork(String annotation, String problem) {
        CniException refusal = refusal(CONF, Map.of(NETWORKS, annotation));
        assertEquals(NETWORKS + ": " + problem, refusal.getMessage());
        assertEquals(7, refusal.code().number());
    }

    @ParameterizedTest
    @ValueSource(strings = {"lan@a/b", "[null]", "[{'name': 'lan'}, 5]"})
    void aFaultInAnAnnotationIsFoundBeforeAnyoneIsAsked(String text) {
        refusal("{'clusterNetwork': 'cluster'}", Map.of(DEFAULT_NETWORK, "cluster", NETWORKS, text));
        assertEquals(List.of(), cluster.asked());
    }
}

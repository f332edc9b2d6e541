// SPDX-License-Identifier: Apache-2.0
package io.tsncni.resolve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tsncni.cni.CniException;
import io.tsncni.cni.NetworkConfigList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MetaConfTest {
    private static MetaConf parse(String conf) throws CniException {
        return MetaConf.parse(Json.object(conf));
    }

    @Test
    void theDefaultsAreThoseOfMultus() throws CniException {
        MetaConf conf = parse("{'type': 'tsn', 'clusterNetwork': 'lan'}");
        assertEquals("/etc/cni/multus/net.d", conf.confDir());
        assertEquals("/opt/cni/bin", conf.binDir());
        assertEquals(List.of(), conf.delegates());
        assertEquals(List.of(), conf.defaultNetworks());
        assertFalse(conf.namespaceIsolation());
        assertEquals(List.of("default"), conf.globalNamespaces());
        assertEquals(List.of("kube-system"), conf.systemNamespaces());
        assertEquals("kube-system", conf.multusNamespace());
        assertTrue(conf.parallel());
        assertEquals(Json.object("{}"), conf.runtimeConfig());
        MetaConf empty = parse("{'clusterNetwork': 'lan', 'confDir': '', 'binDir': null, 'globalNamespaces': '',"
                + " 'systemNamespaces': [], 'multusNamespace': '', 'parallel': null, 'type': 'tsn'}");
        assertEquals(conf, empty, "what is empty is not there");
    }

    @Test
    void everyKeyIsRead() throws CniException {
        MetaConf conf = parse("{'type': 'multus', 'confDir': '/c', 'binDir': '/b', 'clusterNetwork': '/x/y.conf',"
                + " 'defaultNetworks': ['a', 'b'], 'namespaceIsolation': true, 'globalNamespaces': ' a, b ,c',"
                + " 'systemNamespaces': ['s'], 'multusNamespace': 'm', 'parallel': false,"
                + " 'runtimeConfig': {'mac': 'x', 'dns': {}}}");
        assertEquals("multus", conf.type());
        assertEquals("/c", conf.confDir());
        assertEquals("/b", conf.binDir());
        assertEquals(Optional.of("/x/y.conf"), conf.clusterNetwork());
        assertEquals(List.of("a", "b"), conf.defaultNetworks());
        assertTrue(conf.namespaceIsolation());
        assertEquals(List.of("a", "b", "c"), conf.globalNamespaces());
        assertEquals(List.of("s"), conf.systemNamespaces());
        assertEquals("m", conf.multusNamespace());
        assertFalse(conf.parallel());
        assertEquals(Json.object("{'mac': 'x', 'dns': {}}"), conf.runtimeConfig());
    }

    @Test
    void keysCountInAnyCaseAndTheExactOneFirst() throws CniException {
        MetaConf conf = parse(
                "{'CLUSTERNETWORK': 'lan', 'ConfDir': '/c', 'BINDIR': '/no', 'binDir': '/b'," + " 'bindir': '/no'}");
        assertEquals(Optional.of("lan"), conf.clusterNetwork());
        assertEquals("/c", conf.confDir());
        assertEquals("/b", conf.binDir());
    }

    @Test
    void delegatesAreConfigurationsOrListsOfThem() throws CniException {
        MetaConf conf = parse("{'delegates': [{'name': 'a', 'type': 'bridge'},"
                + " {'name': 'b', 'plugins': [{'type': 'ptp'}, {'type': 'tsn'}]}], 'defaultNetworks': ['x']}");
        assertEquals(
                List.of("a", "b"),
                conf.delegates().stream().map(NetworkConfigList::name).toList());
        assertEquals(List.of(), conf.defaultNetworks(), "they go with a clusterNetwork only");
    }

    @Test
    void aClusterNetworkMakesDelegatesMeaningless() throws CniException {
        assertEquals(
                List.of(),
                parse("{'clusterNetwork': 'lan', 'delegates': [{'broken': 1}]}").delegates());
        assertEquals(
                1,
                parse("{'clusterNetwork': '', 'delegates': [{'name': 'a', 'type': 'b'}]}")
                        .delegates()
                        .size());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
            {}                             | false
            {'type': 'tsn', 'egress': 'e'} | false
            {'delegate': {'type': 'a'}}    | false
            {'delegates': null}            | false
            {'delegates': []}              | true
            {'delegates': 5}               | true
            {'Delegates': [{}]}            | true
            {'clusterNetwork': 'lan'}      | true
            {'clusternetwork': ''}         | true
            """)
    void whoHasDelegatesOrAClusterNetworkIsAMetaPlugin(String conf, boolean isMeta) {
        assertEquals(isMeta, MetaConf.isMeta(Json.object(conf)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
            delegates           | {'delegates': []}                    | at least one delegate/clusterNetwork must be specified
            delegates           | {'clusterNetwork': ''}               | at least one delegate/clusterNetwork must be specified
            delegates           | {'delegates': {'type': 'a'}}         | expected a list, got the object
            delegates[0]        | {'delegates': [null]}                | expected an object, got the null null
            delegates[1]        | {'delegates': [{'name': 'n', 'type': 'a'}, 'b']} | expected an object, got the string "b"
            delegates[0].name   | {'delegates': [{'type': 'a'}]}       | required, and not there
            delegates[0].plugins | {'delegates': [{'name': 'n', 'plugins': []}]} | an empty list
            clusterNetwork      | {'clusterNetwork': 5}                | expected a string, got the number 5
            clusterNetwork      | {'clusterNetwork': ['lan']}          | expected a string, got the array ["lan"]
            defaultNetworks     | {'clusterNetwork': 'c', 'defaultNetworks': 'lan'} | expected a list, got the string "lan"
            defaultNetworks[1]  | {'clusterNetwork': 'c', 'defaultNetworks': ['a', {}]} | expected a string, got the object {}
            confDir             | {'clusterNetwork': 'c', 'confDir': true} | expected a string, got the boolean true
            confDir             | {'clusterNetwork': 'c', 'confDir': 'net.d'} | expected an absolute path, got the string "net.d"
            confDir             | {'clusterNetwork': 'c', 'confDir': '/a\\u0000'} | expected an absolute path, got the string "/a\\u0000"
            binDir              | {'clusterNetwork': 'c', 'binDir': '../bin'} | expected an absolute path, got the string "../bin"
            namespaceIsolation  | {'clusterNetwork': 'c', 'namespaceIsolation': 'true'} | expected true or false, got the string "true"
            globalNamespaces    | {'clusterNetwork': 'c', 'globalNamespaces': ['a']} | expected a string, got the array ["a"]
            systemNamespaces    | {'clusterNetwork': 'c', 'systemNamespaces': 'a'} | expected a list, got the string "a"
            multusNamespace     | {'clusterNetwork': 'c', 'multusNamespace': 'a/b'} | expected a namespace, got the string "a/b"
            parallel            | {'clusterNetwork': 'c', 'parallel': 1} | expected true or false, got the number 1
            runtimeConfig       | {'clusterNetwork': 'c', 'runtimeConfig': []} | expected an object, got the array []
            """)
    void aBadValueIsRefusedWithThePathOfItsKey(String path, String conf, String problem) {
        CniException refusal = assertThrows(CniException.class, () -> parse(conf));
        assertEquals(7, refusal.code().number());
        assertEquals(
                path + ": " + problem,
                refusal.getMessage()
                        .substring(0, Math.min(refusal.getMessage().length(), (path + ": " + problem).length())));
    }

    @ParameterizedTest
    @ValueSource(strings = {"confDir", "CONFDIR", "delegates", "clusterNetwork", "parallel", "kubeconfig", "logLevel"})
    void aKeyOfMultusIsKnown(String key) {
        assertTrue(MetaConf.knows(key));
        assertFalse(MetaConf.knows(key + "s"));
    }
}

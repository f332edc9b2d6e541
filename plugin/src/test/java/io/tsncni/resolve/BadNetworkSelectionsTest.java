// SPDX-License-Identifier: Apache-2.0
package io.tsncni.resolve;

import static io.tsncni.resolve.NetworkSelections.NETWORKS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tsncni.cni.CniException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BadNetworkSelectionsTest {
    private static void assertRefused(String path, String problem, String annotation) {
        CniException refusal =
                assertThrows(CniException.class, () -> NetworkSelections.parse(NETWORKS, annotation, "plant"));
        assertEquals(7, refusal.code().number());
        assertTrue(refusal.getMessage().startsWith(NETWORKS + path + ": "), refusal.getMessage());
        assertTrue(refusal.getMessage().contains(problem), refusal.getMessage());
        assertTrue(refusal.getMessage().chars().noneMatch(Character::isISOControl), refusal.getMessage());
        assertTrue(refusal.getMessage().length() < 500, refusal.getMessage());
    }

    /** The annotation, the place in it, and what the message says. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
            ` `                | [0]            | name: expected a Kubernetes name: at most 253
            lan,               | [1]            | got the string ""
            ,lan               | [0]            | got the string ""
            lan,,wan           | [1]            | got the string ""
            a/b/c              | [0]            | expected [namespace/]name[@interface], got the string "a/b/c"
            a@b@c              | [0]            | expected [namespace/]name[@interface], got the string "a@b@c"
            a@b/c              | [0]            | namespace: expected a Kubernetes name without dots
            lan,other/         | [1]            | name: expected a Kubernetes name
            @net1              | [0]            | name: expected a Kubernetes name
            a.b                | [0]            | a name with dots can only be said in JSON, [{"name": ...}], got the string "a.b"
            Lan                | [0]            | got the string "Lan"
            -lan               | [0]            | got the string "-lan"
            my lan             | [0]            | got the string "my lan"
            ../lan             | [0]            | namespace: expected a Kubernetes name without dots
            lan@abcdefghijklmnop | [0]          | the string "abcdefghijklmnop" is not an interface name
            lan@my if          | [0]            | the string "my if" is not an interface name
            lan@a:b            | [0]            | the string "a:b" is not an interface name
            lan@..             | [0]            | the string ".." is not an interface name
            lan@a,wan@a        | [1]            | asks for the interface 'a', as k8s.v1.cni.cncf.io/networks[0] does
            """)
    void aFaultInTheShortFormIsNamedWithItsPlace(String annotation, String path, String problem) {
        assertRefused(path, problem, annotation);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
            {}                             | ``   | expected a list of networks, got the object {}
            {'name': 'lan'}                | ``   | expected a list of networks, got the object
            'lan'                          | ``   | expected a list of networks, got the string "lan"
            [                              | ``   | not JSON at line 1, column
            [{'name': lan}]                | ``   | not JSON at line 1, column
            [{'name': 'lan'}],             | ``   | not JSON at line 1, column
            [{'name': 'lan'}] []           | ``   | not JSON at line 1, column
            [{'name': 'lan'}]]             | ``   | not JSON at line 1, column
            [NaN]                          | ``   | not JSON at line 1, column
            [null]                         | [0]  | expected an object, got the null null
            ['lan']                        | [0]  | expected an object, got the string "lan"
            [{'name': 'lan'}, []]          | [1]  | expected an object, got the array []
            [[{'name': 'lan'}]]            | [0]  | expected an object, got the array
            [{}]                           | [0].name | required, and not there
            [{'name': ''}]                 | [0].name | required, and not there
            [{'name': null}]               | [0].name | required, and not there
            [{'name': 5}]                  | [0].name | expected a string, got the number 5
            [{'name': 'a/b'}]              | [0].name | got the string "a/b"
            [{'name': '../../pods'}]       | [0].name | got the string "../../pods"
            [{'name': 'a?b'}]              | [0].name | got the string "a?b"
            [{'name': 'a\\u0000'}]         | [0].name | got the string "a\\u0000"
            [{'name': 'a\\u001b[31m'}]     | [0].name | got the string "a\\u001B[31m"
            [{'name': 'a', 'namespace': 'a.b'}]  | [0].namespace | got the string "a.b"
            [{'name': 'a', 'namespace': '..'}]   | [0].namespace | got the string ".."
            [{'name': 'a', 'namespace': ['b']}]  | [0].namespace | expected a string, got the array ["b"]
            [{'name': 'a', 'interface': 'a/b'}]  | [0].interface | the string "a/b" is not an interface name
            [{'name': 'a', 'interface': 'abcdefghijklmnop'}] | [0].interface | is not an interface name
            [{'name': 'a', 'interface': 'a\\u0001'}] | [0].interface | the string "a\\u0001" is not an interface name
            [{'name': 'a', 'interface': 5}]      | [0].interface | expected a string, got the number 5
            [{'name': 'a', 'interfaceRequest': '.'}] | [0].interfaceRequest | the string "." is not an interface name
            [{'name': 'a', 'interface': 'x'}, {'name': 'b', 'interfaceRequest': 'x'}] | [1] | asks for the interface 'x'
            [{'name': 'a', 'ips': '10.0.0.1'}]   | [0].ips       | expected a list, got the string "10.0.0.1"
            [{'name': 'a', 'ips': [5]}]          | [0].ips[0]    | expected a string, got the number 5
            [{'name': 'a', 'ips': [null]}]       | [0].ips[0]    | expected a string, got the null null
            [{'name': 'a', 'ips': ['::1', 'localhost']}] | [0].ips[1] | got the string "localhost"
            [{'name': 'a', 'ips': ['10.0.0.1/33']}] | [0].ips[0] | got the string "10.0.0.1/33"
            [{'name': 'a', 'ips': ['']}]         | [0].ips[0]    | got the string ""
            [{'name': 'a'}, {'name': 'a'}, {'name': 'a', 'ips': ['x']}] | [2].ips[0] | got the string "x"
            [{'name': 'a', 'mac': '02:00:00:00:00'}] | [0].mac   | got the string "02:00:00:00:00"
            [{'name': 'a', 'mac': '02:00:00:00:00:07:08'}] | [0].mac | expected a hardware address of 6, 8 or 20 bytes
            [{'name': 'a', 'mac': '02:00-00:00:00:07'}] | [0].mac | got the string "02:00-00:00:00:07"
            [{'name': 'a', 'mac': '02:00:00:00:00:0g'}] | [0].mac | got the string "02:00:00:00:00:0g"
            [{'name': 'a', 'mac': '2:0:0:0:0:7'}] | [0].mac      | got the string "2:0:0:0:0:7"
            [{'name': 'a', 'mac': '020000000007'}] | [0].mac     | got the string "020000000007"
            [{'name': 'a', 'mac': 7}]            | [0].mac       | expected a string, got the number 7
            [{'name': 'a', 'infiniband-guid': 'x'}] | [0].infiniband-guid | got the string "x"
            [{'name': 'a', 'deviceID': '../x'}]  | [0].deviceID  | got the string "../x"
            [{'name': 'a', 'deviceID': 'a\\nb'}] | [0].deviceID  | got the string "a\\nb"
            [{'name': 'a', 'cni-args': 'x'}]     | [0].cni-args  | expected an object, got the string "x"
            [{'name': 'a', 'cni-args': []}]      | [0].cni-args  | expected an object, got the array []
            [{'name': 'a', 'default-route': '10.0.0.1'}]   | [0].default-route | expected a list, got the string
            [{'name': 'a', 'default-route': ['10.0.0.1/24']}] | [0].default-route[0] | got the string "10.0.0.1/24"
            [{'name': 'a', 'default-route': ['gw']}] | [0].default-route[0] | got the string "gw"
            [{'name': 'a', 'portMappings': {}}]  | [0].portMappings | expected a list, got the object {}
            [{'name': 'a', 'portMappings': [null]}] | [0].portMappings[0] | expected an object, got the null null
            [{'name': 'a', 'portMappings': [{'hostPort': '80'}]}] | [0].portMappings[0].hostPort | got the string "80"
            [{'name': 'a', 'portMappings': [{}, {'hostPort': 65536}]}] | [0].portMappings[1].hostPort | a number, 0 to 65535
            [{'name': 'a', 'portMappings': [{'containerPort': -1}]}] | [0].portMappings[0].containerPort | got the number -1
            [{'name': 'a', 'portMappings': [{'protocol': 6}]}] | [0].portMappings[0].protocol | expected a string
            [{'name': 'a', 'portMappings': [{'hostIP': 'h'}]}] | [0].portMappings[0].hostIP | got the string "h"
            [{'name': 'a', 'bandwidth': 5}]      | [0].bandwidth | expected an object, got the number 5
            [{'name': 'a', 'bandwidth': {'egressRate': 1.5}}] | [0].bandwidth.egressRate | got the number 1.5
            [{'name': 'a', 'bandwidth': {'egressRate': -5}}] | [0].bandwidth.egressRate | got the number -5
            [{'name': 'a', 'bandwidth': {'egressRate': 18446744073709551617}}] | [0].bandwidth.egressRate | got the number
            [{'name': 'a', 'bandwidth': {'egressRate': 1e999999}}] | [0].bandwidth.egressRate | got the number
            """)
    void aFaultInJsonIsNamedWithItsPlace(String annotation, String path, String problem) {
        assertRefused(path, problem, annotation.replace('\'', '"'));
    }

    @Test
    void anAnnotationHasItsBounds() {
        assertRefused("", "has 262145 characters; 262144 is as much as is read", "a".repeat(262145));
        assertRefused("", "has 1000002 characters", "\"" + "a".repeat(1000000) + "\"");
        assertRefused("", "not JSON", "[".repeat(100_000));
        assertRefused("", "not JSON", "[{\"name\": \"a\", \"x\": " + "[".repeat(99) + "]".repeat(99) + "}]");
        assertRefused("", "not JSON", "[{\"name\": " + "9".repeat(10_000) + "}]");
        assertRefused("", "names 257 networks; a pod can have 256", "a,".repeat(256) + "a");
        assertRefused("", "names 257 networks; a pod can have 256", "[" + "0,".repeat(256) + "0]");
        assertRefused(
                "[0].name", "got the string \"" + "a".repeat(56) + "...", "[{\"name\": \"" + "a".repeat(254) + "\"}]");
    }
}

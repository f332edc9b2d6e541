// SPDX-License-Identifier: Apache-2.0
package io.tsncni.resolve;

import static io.tsncni.resolve.NetworkSelections.DEFAULT_NETWORK;
import static io.tsncni.resolve.NetworkSelections.NETWORKS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tsncni.cni.CniException;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DefaultRouteTest {
    private static final String CONF = "{'delegates': [{'name': 'a', 'type': 'x'}]}";

    private final NadsForTest cluster =
            new NadsForTest().with("plant", "lan", "{'type': 'macvlan'}").with("kube-system", "lan", "{'type': 'ptp'}");

    private static String text(NetworkPlan plan) {
        return plan.networks().stream()
                .map(plan::defaultRoute)
                .map(route -> (route.strip() ? "strip" : "keep") + route.gateways())
                .collect(Collectors.joining(" "));
    }

    private static String element(String routes) {
        return routes.equals("-") ? "{'name': 'lan'}" : "{'name': 'lan', 'default-route': " + routes + "}";
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
            -                         | -                     | keep[] keep[] keep[]
            ['10.0.0.1']              | -                     | strip[] strip[10.0.0.1] strip[]
            -                         | ['fd00::1']           | strip[] strip[] strip[fd00::1]
            ['10.0.0.1', 'fd00::1']   | -                     | strip[] strip[10.0.0.1, fd00::1] strip[]
            ['10.0.0.1']              | ['fd00::1']           | strip[] strip[10.0.0.1] strip[fd00::1]
            []                        | -                     | strip[] strip[] strip[]
            null                      | -                     | keep[] keep[] keep[]
            ['::ffff:10.0.0.1']       | ['fd00::1']           | strip[] strip[::ffff:10.0.0.1] strip[fd00::1]
            """)
    void whereOneNetworkAsksForADefaultRouteNoOtherKeepsIts(String first, String second, String routes)
            throws CniException {
        String annotation = "[" + element(first) + "," + element(second) + "]";
        assertEquals(routes, text(cluster.plan(CONF, Map.of(NETWORKS, annotation))));
    }

    @Test
    void theMasterCanAskToo() throws CniException {
        Map<String, String> annotations = Map.of(DEFAULT_NETWORK, "[" + element("['10.0.0.1']") + "]", NETWORKS, "lan");
        assertEquals("strip[10.0.0.1] strip[]", text(cluster.plan(CONF, annotations)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
            ['10.0.0.1', '10.0.0.2']            | -                     | 10.0.0.1 and 10.0.0.2
            ['fd00::1', '10.0.0.1', 'fd00::2']  | -                     | fd00::1 and fd00::2
            ['10.0.0.1']                        | ['10.0.0.1']          | 10.0.0.1 and 10.0.0.1
            ['::ffff:10.0.0.1']                 | ['10.0.0.1']          | ::ffff:10.0.0.1 and 10.0.0.1
            """)
    void twoGatewaysOfAFamilyAreRefused(String first, String second, String gateways) {
        String annotation = "[" + element(first) + "," + element(second) + "]";
        CniException refusal = assertThrows(CniException.class, () -> cluster.plan(CONF, Map.of(NETWORKS, annotation)));
        assertEquals(
                NETWORKS + ": multus does not support ECMP for default-route, and there are " + gateways,
                refusal.getMessage());
        assertEquals(7, refusal.code().number());
    }
}

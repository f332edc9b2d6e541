// SPDX-License-Identifier: Apache-2.0
package io.tsncni.resolve;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.cni.CniException;
import io.tsncni.cni.NetworkConfigList;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NetworkTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            {'type': 'bridge'}                                                       | false
            {'type': 'macvlan', 'master': 'eth0'}                                    | false
            {'type': 'macvlan', 'master': 'net1', 'linkInContainer': false}          | false
            {'type': 'macvlan', 'master': 'net1', 'linkInContainer': true}           | true
            {'type': 'bond', 'links': [{'name': 'net1'}]}                            | true
            {'type': 'team', 'linksInContainer': true}                               | true
            {'type': 'tsn', 'egress': 'tsn0'}                                        | false
            {'type': 'tsn', 'egress': 'tsn0', 'interface': 'net1'}                   | true
            {'plugins': [{'type': 'bridge'}, {'type': 'tsn', 'interface': 'net1'}]}  | true
            """)
    void whatNeedsAnothersInterfaceIsNotAttachedAtTheSameTime(String json, boolean buildsOnOthers) throws CniException {
        ObjectNode conf = Json.object(json.replace('\'', '"'));
        Network network = new Network(
                "plant/net",
                NetworkConfigList.parse("net", conf, Optional.of("net")),
                "net2",
                conf.objectNode(),
                Optional.empty(),
                false);
        assertEquals(buildsOnOthers, network.buildsOnOthers());
    }
}

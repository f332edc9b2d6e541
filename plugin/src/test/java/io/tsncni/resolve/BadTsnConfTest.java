// SPDX-License-Identifier: Apache-2.0
package io.tsncni.resolve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.cni.CniException;
import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BadTsnConfTest {
    /** The path of the key, the configuration, and how the message shows the value. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            priorityMap.16   | {"priorityMap": {"16": 0}}                  | "0" to "15", or "*"
            priorityMap.-1   | {"priorityMap": {"-1": 0}}                  | "0" to "15", or "*"
            priorityMap.3x   | {"priorityMap": {"3x": 0}}                  | "0" to "15", or "*"
            priorityMap.03   | {"priorityMap": {"03": 0}}                  | "0" to "15", or "*"
            priorityMap.     | {"priorityMap": {"": 0}}                    | "0" to "15", or "*"
            priorityMap.+3   | {"priorityMap": {"+3": 0}}                  | "0" to "15", or "*"
            priorityMap.٣    | {"priorityMap": {"٣": 0}}                   | "0" to "15", or "*"
            priorityMap.**   | {"priorityMap": {"**": 0}}                  | "0" to "15", or "*"
            priorityMap.15 2 | {"priorityMap": {"15 2": 0}}                | "0" to "15", or "*"
            priorityMap.3    | {"priorityMap": {"3": 4294967296}}          | the number 4294967296
            priorityMap.3    | {"priorityMap": {"3": 18446744073709551616}}| the number 18446744073709551616
            priorityMap.3    | {"priorityMap": {"3": -1}}                  | the number -1
            priorityMap.3    | {"priorityMap": {"3": 1.5}}                 | the number 1.5
            priorityMap.3    | {"priorityMap": {"3": 5.0}}                 | the number 5.0
            priorityMap.3    | {"priorityMap": {"3": 1e1}}                 | the number 10.0
            priorityMap.3    | {"priorityMap": {"3": "dorp"}}              | the string "dorp"
            priorityMap.3    | {"priorityMap": {"3": "5"}}                 | the string "5"
            priorityMap.3    | {"priorityMap": {"3": "DROP"}}              | the string "DROP"
            priorityMap.3    | {"priorityMap": {"3": "keep"}}              | the string "keep"
            priorityMap.3    | {"priorityMap": {"3": null}}                | the null null
            priorityMap.3    | {"priorityMap": {"3": true}}                | the boolean true
            priorityMap.3    | {"priorityMap": {"3": [5]}}                 | the array [5]
            priorityMap.*    | {"priorityMap": {"3": 5, "*": {}}}          | the object {}
            priorityMap      | {"priorityMap": [5]}                        | the array [5]
            priorityMap      | {"priorityMap": "identity"}                 | the string "identity"
            priorityMap      | {"priorityMap": null}                       | the null null
            unmapped         | {"unmapped": "foo"}                         | [drop, keep, zero], got the string "foo"
            unmapped         | {"unmapped": "Zero"}                        | the string "Zero"
            unmapped         | {"unmapped": 5}                             | the number 5
            unmapped         | {"unmapped": null}                          | the null null
            unmapped         | {"unmapped": ["drop"]}                      | the array ["drop"]
            txtime           | {"txtime": "drop"}                          | [clear, preserve], got the string "drop"
            txtime           | {"txtime": false}                           | the boolean false
            onAgentDown      | {"onAgentDown": "Pass"}                     | [fail, pass], got the string "Pass"
            onAgentDown      | {"onAgentDown": true}                       | the boolean true
            onAgentDown      | {"onAgentDown": null}                       | the null null
            egress           | {"egress": "abcdefghijklmnop"}              | 'abcdefghijklmnop' is not an interface name
            egress           | {"egress": "eth0/1"}                        | 'eth0/1' is not an interface name
            egress           | {"egress": ""}                              | '' is not an interface name
            egress           | {"egress": "tsn 0"}                         | 'tsn 0' is not an interface name
            egress           | {"egress": ".."}                            | '..' is not an interface name
            egress           | {"egress": []}                              | an empty list
            egress           | {"egress": 5}                               | the number 5
            egress           | {"egress": null}                            | the null null
            egress           | {"egress": {"name": "tsn0"}}                | the object {"name":"tsn0"}
            egress[1]        | {"egress": ["tsn0", "tsn0"]}                | 'tsn0' is there twice
            egress[2]        | {"egress": ["tsn0", "tsn1", "a/b"]}         | 'a/b' is not an interface name
            egress[1]        | {"egress": ["tsn0", 5]}                     | the number 5
            egress[0]        | {"egress": [["tsn0"]]}                      | the array ["tsn0"]
            tsnIfname        | {"tsnIfname": 5}                            | the number 5
            tsnIfname        | {"tsnIfname": []}                           | an empty list
            tsnIfname[0]     | {"tsnIfname": ["abcdefghijklmnop"]}         | 'abcdefghijklmnop'
            tsnIfname        | {"tsnIfname": "tsn0", "egress": "tsn0"}     | another name for egress
            interface        | {"interface": "abcdefghijklmnop"}           | 'abcdefghijklmnop' is not an interface name
            interface        | {"interface": "a/b"}                        | 'a/b' is not an interface name
            interface        | {"interface": ""}                           | '' is not an interface name
            interface        | {"interface": ["net1"]}                     | the array ["net1"]
            interface        | {"interface": null}                         | the null null
            """)
    void aBadValueIsRefusedWithThePathOfItsKey(String path, String conf, String value) throws IOException {
        ObjectNode json = (ObjectNode) new ObjectMapper().readTree(conf);
        CniException refusal = assertThrows(CniException.class, () -> TsnConf.parse(json));
        assertEquals(7, refusal.code().number());
        assertTrue(refusal.getMessage().startsWith(path + ": "), refusal.getMessage());
        assertTrue(refusal.getMessage().contains(value), refusal.getMessage());
    }
}

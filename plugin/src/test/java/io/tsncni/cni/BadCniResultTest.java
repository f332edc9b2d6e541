// SPDX-License-Identifier: Apache-2.0
package io.tsncni.cni;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BadCniResultTest {
    private static CniException refusal(String stdout) {
        return assertThrows(
                CniException.class, () -> CniResult.parse(stdout.getBytes(StandardCharsets.UTF_8)), "not refused");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            ''         | stdout: expected the result, an object, got nothing
            []         | stdout: expected the result, an object, got the array []
            null       | stdout: expected the result, an object, got the null null
            "ok"       | stdout: expected the result, an object, got the string "ok"
            {} {}      | stdout: not JSON at line 1, column 4
            panic: nil | stdout: not JSON at line 1, column
            """)
    void whatIsNoJsonObjectIsRefused(String stdout, String message) {
        CniException refusal = refusal(stdout);
        assertEquals(6, refusal.code().number());
        assertTrue(refusal.getMessage().startsWith(message), refusal.getMessage());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            {"cniVersion": 1.0}                     | cniVersion: expected a string, got the number 1.0
            {"cniVersion": "2.0.0"}                 | cniVersion: '2.0.0' is no version of the CNI spec
            {"cniVersion": "0.5.0"}                 | cniVersion: '0.5.0' is no version of the CNI spec
            {"cniVersion": "1.0"}                   | cniVersion: '1.0' is no version of the CNI spec
            {"cniVersion": "0.3.10"}                | cniVersion: '0.3.10' is no version of the CNI spec
            {"interfaces": {}}                      | interfaces: expected a list, got the object {}
            {"interfaces": [null]}                  | interfaces[0]: expected an object, got nothing
            {"interfaces": [{}, "eth0"]}            | interfaces[1]: expected an object, got the string "eth0"
            {"interfaces": [{"name": 5}]}           | interfaces[0].name: expected a string, got the number 5
            {"interfaces": [{"mac": []}]}           | interfaces[0].mac: expected a string, got the array []
            {"interfaces": [{"sandbox": true}]}     | interfaces[0].sandbox: expected a string, got the boolean true
            {"interfaces": [{"mtu": "1500"}]}       | interfaces[0].mtu: expected a number from 0 to 2147483647, got the str
            {"interfaces": [{"mtu": 1500.0}]}       | interfaces[0].mtu: expected a number from 0 to 2147483647, got the num
            {"interfaces": [{"mtu": 2147483648}]}   | interfaces[0].mtu: expected a number from 0 to 2147483647, got the num
            {"interfaces": [{"mtu": -1}]}           | interfaces[0].mtu: expected a number from 0 to 2147483647, got the num
            {"ips": "10.0.0.2/24"}                  | ips: expected a list, got the string "10.0.0.2/24"
            {"ips": {"0": {}}}                      | ips: expected a list, got the object
            {"ips": ["10.0.0.2/24"]}                | ips[0]: expected an object, got the string "10.0.0.2/24"
            {"ips": [[]]}                           | ips[0]: expected an object, got the array []
            {"ips": [{}]}                           | ips[0].address: expected an address with a prefix length, got nothing
            {"ips": [{"address": "10.0.0.2"}]}      | ips[0].address: expected an address with a prefix length, got the str
            {"ips": [{"address": 10}]}              | ips[0].address: expected a string, got the number 10
            {"ips": [{"address": "::1/64", "gateway": "gw"}]}    | ips[0].gateway: expected an IP address, got the string "gw"
            {"ips": [{"address": "::1/64", "gateway": 1}]}       | ips[0].gateway: expected a string, got the number 1
            {"ips": [{"address": "::1/64", "interface": 0}]}     | ips[0].interface: 0, but 'interfaces' has 0
            {"ips": [{"address": "::1/64", "interface": -1}]}    | ips[0].interface: expected a number from 0
            {"ips": [{"address": "::1/64", "interface": "0"}]}   | ips[0].interface: expected a number from 0
            {"interfaces": [{}], "ips": [{"address": "::1/64", "interface": 1}]} | ips[0].interface: 1, but 'interfaces' has 1
            {"routes": 3}                           | routes: expected a list, got the number 3
            {"routes": [{"dst": "::/0"}, 3]}        | routes[1]: expected an object, got the number 3
            {"routes": [{}]}                        | routes[0].dst: expected an address with a prefix length, got nothing
            {"routes": [{"dst": "default"}]}        | routes[0].dst: expected an address with a prefix length, got the str
            {"routes": [{"dst": "::/0", "gw": {}}]} | routes[0].gw: expected a string, got the object {}
            {"dns": []}                             | dns: expected an object, got the array []
            {"dns": {"domain": 5}}                  | dns.domain: expected a string, got the number 5
            {"dns": {"nameservers": "10.0.0.1"}}    | dns.nameservers: expected a list, got the string "10.0.0.1"
            {"dns": {"search": ["a", null]}}        | dns.search[1]: expected a string, got nothing
            {"dns": {"options": [5]}}               | dns.options[0]: expected a string, got the number 5
            {"ip4": "10.0.0.2/24"}                  | ip4: expected an object, got the string "10.0.0.2/24"
            {"ip4": {}}                             | ip4.ip: expected an address with a prefix length, got nothing
            {"ip6": {"ip": "fd00::1"}}              | ip6.ip: expected an address with a prefix length, got the string
            {"ip6": {"ip": "::1/64", "gateway": 1}} | ip6.gateway: expected a string, got the number 1
            {"ip6": {"ip": "::1/64", "routes": {}}} | ip6.routes: expected a list, got the object {}
            {"ip6": {"ip": "::1/64", "routes": [{"dst": ""}]}}   | ip6.routes[0].dst: expected an address with a prefix
            {"cniVersion": "0.2.0", "ip6": []}      | ip6: expected an object, got the array []
            """)
    void whatIsMalformedIsRefusedWithItsPath(String result, String message) {
        CniException refusal = refusal(result);
        assertEquals(6, refusal.code().number());
        assertTrue(refusal.getMessage().startsWith(message), refusal.getMessage());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                CapturedResults.BRIDGE_WITHOUT_VERSION,
                CapturedResults.BRIDGE_0_4_0,
                CapturedResults.BRIDGE_1_0_0
            })
    void brokenOutputIsReadOrRefusedAndWrittenInEveryVersion(String captured) {
        Random random = new Random(captured.length());
        for (int i = 0; i < 2_000; i++) {
            byte[] stdout = captured.getBytes(StandardCharsets.UTF_8);
            for (int changes = random.nextInt(4); changes > 0; changes--) {
                stdout[random.nextInt(stdout.length)] =
                        (byte) (random.nextInt(4) == 0 ? random.nextInt(256) : pick(random));
            }
            try {
                CniResult result = CniResult.parse(stdout);
                for (CniVersion version : CniVersion.values()) {
                    CniResult again = CniResult.parse(result.toJson(version));
                    assertEquals(result.ips(), again.ips());
                    assertEquals(result.routes(), again.routes());
                }
            } catch (CniException e) {
                assertEquals(6, e.code().number(), e.getMessage());
            } catch (RuntimeException e) {
                fail(new String(stdout, StandardCharsets.UTF_8), e);
            }
        }
    }

    /** Bytes that leave it JSON more often than not. */
    private static char pick(Random random) {
        return "0123456789/:.\"{}[], nulte".charAt(random.nextInt(25));
    }
}

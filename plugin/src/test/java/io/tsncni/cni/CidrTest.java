// SPDX-License-Identifier: Apache-2.0
package io.tsncni.cni;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CidrTest {
    @ParameterizedTest
    @CsvSource({
        "0.0.0.0, 0.0.0.0",
        "10.1.2.255, 10.1.2.255",
        "::, 0:0:0:0:0:0:0:0",
        "::1, 0:0:0:0:0:0:0:1",
        "fd00::3, fd00:0:0:0:0:0:0:3",
        "FD00::aB, fd00:0:0:0:0:0:0:ab",
        "1:2:3:4:5:6:7:8, 1:2:3:4:5:6:7:8",
        "1:2:3:4:5:6:7::, 1:2:3:4:5:6:7:0",
        "::2:3:4:5:6:7:8, 0:2:3:4:5:6:7:8",
        "64:ff9b::10.0.0.1, 64:ff9b:0:0:0:0:a00:1",
        "1:2:3:4:5:6:10.0.0.1, 1:2:3:4:5:6:a00:1",
        "::ffff:10.0.0.1, 10.0.0.1",
        "0000:0000:0000:0000:0000:ffff:255.255.255.255, 255.255.255.255",
    })
    void anAddressIsReadInEveryFormThatGoReads(String text, String address) {
        assertEquals(address, IpText.parse(text).orElseThrow().getHostAddress());
    }

    /** A host name among them must not be looked up. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "localhost",
                "10.0.0",
                "10.0.0.1.2",
                "10.0.0.256",
                "10.0.0.01",
                "10.0.0.-1",
                "10.0.0.1 ",
                " 10.0.0.1",
                "10.0.0.",
                "0x0a.0.0.1",
                "167772161",
                "10.0.0.1/24",
                "10.0.0.٣",
                ":",
                ":::",
                "1::2::3",
                "1:2:3:4:5:6:7",
                "1:2:3:4:5:6:7:8:9",
                "1:2:3:4::5:6:7:8",
                "12345::",
                "::g",
                "fe80::1%eth0",
                "[::1]",
                "10.0.0.1::",
                "::10.0.0.1:1",
                "1:2:3:4:5:6:7:10.0.0.1",
                "::10.0.0.256",
                ":1:2:3:4:5:6:7",
                "1:2:3:4:5:6:7:",
            })
    void whatIsNoAddressIsNone(String text) {
        assertFalse(IpText.parse(text).isPresent());
        assertFalse(Cidr.parse(text + "/24").isPresent());
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.5/0", "10.0.0.5/32", "10.0.0.5/9", "fd00::3/128", "::/0"})
    void aPrefixIsAsLongAsTheAddressAtMost(String text) {
        assertTrue(Cidr.parse(text).isPresent());
        assertFalse(IpText.parse(text).isPresent());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "10.0.0.5",
                "10.0.0.5/",
                "10.0.0.5/33",
                "10.0.0.5/-1",
                "10.0.0.5/024",
                "10.0.0.5/24/8",
                "fd00::3/129",
                "/24",
                "10.0.0.5/255.0.0.0",
                "10.0.0.5/ 24",
                "10.0.0.5/9999999999"
            })
    void whatHasNoProperPrefixIsNoCidr(String text) {
        assertFalse(Cidr.parse(text).isPresent());
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.cni;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.StandardProtocolFamily;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpTextTest {
    @ParameterizedTest
    @CsvSource({
        "10.9.0.2, 10.9.0.2",
        "0.0.0.0, 0.0.0.0",
        "255.255.255.255, 255.255.255.255",
        "::, ::",
        "::1, ::1",
        "1::, 1::",
        "FD09:0:0:0::0002, fd09::2",
        "fd09:0:0:1:0:0:0:1, fd09:0:0:1::1",
        "fd09:0:0:1:2:0:0:1, fd09::1:2:0:0:1",
        "1:0:2:3:4:5:6:7, 1:0:2:3:4:5:6:7",
        "0:1:2:3:4:5:6:0, 0:1:2:3:4:5:6:0",
        "0:0:2:3:4:5:0:0, ::2:3:4:5:0:0",
        "fe80::abcd:0123, fe80::abcd:123",
        "::ffff:10.9.0.2, 10.9.0.2",
        "64:ff9b::10.9.0.2, 64:ff9b::a09:2"
    })
    void anAddressIsWrittenAsLibcniWritesIt(String text, String canonical) {
        assertEquals(Optional.of(canonical), IpText.parse(text).map(IpText::of));
    }

    /** In turn: what a resolver, getByName's leniency, or a scope would have been asked for. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "localhost",
                "cafe",
                "1",
                "10.9",
                "10.9.0",
                "10.9.0.2.3",
                "010.9.0.2",
                "10.9.0.256",
                "10.9.0.2 ",
                "0x0a090002",
                "168361986",
                "1:2",
                ":",
                ":::",
                "1::2::3",
                "1:2:3:4:5:6:7:8:9",
                "12345::",
                "fe80::1%lo",
                "fe80::1%1",
                "[::1]",
                ".1:2",
                "..:",
                "::1.2",
                "-1.2.3.4",
                "١.٢.٣.٤",
                "a:b:c:d",
                "10.9.0.2/24"
            })
    void whatIsNoAddressIsNone(String text) {
        assertEquals(Optional.empty(), IpText.parse(text));
    }

    @ParameterizedTest
    @CsvSource({
        "10.9.0.2/24, INET, 10.9.0.2/24",
        "10.9.0.2/0, INET, 10.9.0.2/0",
        "10.9.0.2/32, INET, 10.9.0.2/32",
        "FD09::2/128, INET6, fd09::2/128"
    })
    void aPrefixKeepsItsAddress(String text, StandardProtocolFamily family, String canonical) {
        Cidr cidr = Cidr.parse(text).orElseThrow();
        assertEquals(family, cidr.family());
        assertEquals(canonical, cidr.toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/",
                "/24",
                "10.9.0.2",
                "10.9.0.2/",
                "10.9.0.2/33",
                "10.9.0.2/-1",
                "10.9.0.2/+1",
                "10.9.0.2/024",
                "10.9.0.2/24/24",
                "10.9.0.2/ 24",
                "fd09::2/129",
                "fd09::2/9999999999",
                "10.9.0.2/255.255.255.0"
            })
    void whatIsNoPrefixIsNone(String text) {
        assertEquals(Optional.empty(), Cidr.parse(text));
    }

    @Test
    void everythingIsAPrefixOfNoBits() {
        assertEquals("0.0.0.0/0", Cidr.everything(StandardProtocolFamily.INET).toString());
        assertEquals("::/0", Cidr.everything(StandardProtocolFamily.INET6).toString());
    }
}

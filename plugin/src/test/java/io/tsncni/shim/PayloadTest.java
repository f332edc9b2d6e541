// SPDX-License-Identifier: Apache-2.0
package io.tsncni.shim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PayloadTest {
    private static Payload payload(String hex) {
        return new Payload(HexFormat.of().parseHex(hex));
    }

    @Test
    void numbersAndBlobsFollowEachOther() throws IOException {
        Payload payload = payload("78563412" + "02000000abcd" + "ffffffff" + "00000000" + "03000000e282ac");
        assertEquals(0x12345678, payload.number());
        assertArrayEquals(new byte[] {(byte) 0xab, (byte) 0xcd}, payload.blob());
        assertEquals(-1, payload.number());
        assertArrayEquals(new byte[0], payload.blob());
        assertEquals("\u20ac", payload.text());
        payload.end();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "01", "0102", "010203"})
    void aNumberCutOffIsRefused(String hex) {
        assertThrows(IOException.class, () -> payload(hex).number());
        assertThrows(IOException.class, () -> payload(hex).blob());
    }

    /** The length as the message shows it, unsigned, and what is left. */
    @ParameterizedTest
    @CsvSource({
        "01000000, 1, 0",
        "030000006162, 3, 2",
        "ffffff7f6162, 2147483647, 2",
        "00000080, 2147483648, 0",
        "ffffffff61, 4294967295, 1",
        "fcffffff616263646566, 4294967292, 6"
    })
    void aBlobLongerThanTheFrameIsRefused(String hex, String length, String left) {
        IOException refusal = assertThrows(IOException.class, () -> payload(hex).blob());
        assertTrue(
                refusal.getMessage().startsWith("blob of " + length + " bytes, " + left + " are left"),
                refusal.getMessage());
    }

    @Test
    void bytesBehindTheEndAreRefused() throws IOException {
        payload("").end();
        IOException refusal =
                assertThrows(IOException.class, () -> payload("0000").end());
        assertEquals("2 bytes too many in the frame", refusal.getMessage());
    }

    @Test
    void whatIsNoUtf8IsReplacedAndNotRefused() throws IOException {
        assertEquals("a\ufffdb", payload("0300000061ff62").text());
    }
}

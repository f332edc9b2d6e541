// SPDX-License-Identifier: Apache-2.0
package io.tsncni.cni;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PluginConfTest {
    private static final String GOOD = "{\"cniVersion\":\"1.0.0\",\"name\":\"plant\",\"type\":\"tsn\","
            + "\"prevResult\":{\"cniVersion\":\"1.0.0\",\"interfaces\":[{\"name\":\"eth0\"}]}}";

    private static PluginConf parse(String stdin) throws CniException {
        return PluginConf.parse(stdin.getBytes(StandardCharsets.UTF_8));
    }

    private static void assertRefused(int code, String problem, byte[] stdin) {
        CniException refusal = assertThrows(CniException.class, () -> PluginConf.parse(stdin));
        assertEquals(code, refusal.code().number(), refusal.getMessage());
        assertTrue(refusal.getMessage().contains(problem), refusal.getMessage());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            ''                                       | stdin: expected the network configuration, an object, got nothing
            ' '                                      | got nothing
            []                                       | got the array []
            null                                     | got the null null
            "tsn"                                    | got the string "tsn"
            1.5                                      | got the number 1.5
            true                                     | got the boolean true
            {                                        | stdin: not JSON at line 1, column 2
            {"cniVersion": "1.0.0", "name" "plant"}  | stdin: not JSON at line 1, column 32
            {'name': 1}                              | stdin: not JSON at line 1, column 2
            {"name": plant}                          | stdin: not JSON at line 1, column 10: Unrecognized token 'plant'
            {"name": "plant",}                       | stdin: not JSON at line 1, column 18
            {"name": 01}                             | stdin: not JSON at line 1, column
            {} {}                                    | stdin: not JSON at line 1, column 4
            {} x                                     | stdin: not JSON at line 1, column
            {"name": "plant"}}                       | stdin: not JSON at line 1, column
            """)
    void whatIsNoJsonObjectIsRefusedWithItsPlace(String stdin, String fragment) {
        assertRefused(6, fragment, stdin.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void thePlaceOfAnErrorCountsLines() {
        String stdin = "\n{\n  \"cniVersion\": \"1.0.0\",\n  \"name\": plant\n}\n";
        assertRefused(6, "stdin: not JSON at line 4, column 11", stdin.getBytes(StandardCharsets.UTF_8));
    }

    /** The parser's limits: depth, length of a number, length of a name. The shim lets a megabyte through. */
    @ParameterizedTest
    @CsvSource({"[, 1001", "{\"a\":, 1001", "9, 1001", "'{\"a\": {\"b\": [', 600"})
    void whatExceedsTheParsersLimitsIsRefusedAsWell(String piece, int times) {
        assertRefused(6, "stdin: ", ("{\"conf\": " + piece.repeat(times)).getBytes(StandardCharsets.UTF_8));
    }

    /** In turn: a NUL, Latin-1, UTF-8 cut short, a lone surrogate, a UTF-32 byte order mark with nonsense behind. */
    @ParameterizedTest
    @ValueSource(strings = {"00", "7b22e9227d", "7b22e282", "7b22eda0802200", "fffe00000101010101", "0000007b00007f00"})
    void whatIsNoTextIsRefusedAsNoJson(String hex) {
        assertRefused(6, "stdin: ", HexFormat.of().parseHex(hex));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            {"name": "plant"}                            | 7 | cniVersion: required, and not there
            {"cniVersion": null, "name": "plant"}        | 7 | cniVersion: expected a string, got the null null
            {"cniVersion": 1.0, "name": "plant"}         | 7 | cniVersion: expected a string, got the number 1.0
            {"cniVersion": ["1.0.0"], "name": "plant"}   | 7 | cniVersion: expected a string, got the array
            {"cniVersion": "", "name": "plant"}          | 1 | cniVersion: '' is not spoken here; use one of [0.3.1,
            {"cniVersion": "0.2.0", "name": "plant"}     | 1 | cniVersion: '0.2.0'
            {"cniVersion": "0.3.0", "name": "plant"}     | 1 | cniVersion: '0.3.0'
            {"cniVersion": "1.0", "name": "plant"}       | 1 | cniVersion: '1.0'
            {"cniVersion": "1.0.0 ", "name": "plant"}    | 1 | cniVersion: '1.0.0 '
            {"cniVersion": "2.0.0", "name": "plant"}     | 1 | cniVersion: '2.0.0'
            {"cniVersion": "1.0.0"}                      | 7 | name: required, and not there
            {"cniVersion": "1.0.0", "name": 7}           | 7 | name: expected a string, got the number 7
            {"cniVersion": "1.0.0", "name": ""}          | 7 | name: ''
            {"cniVersion": "1.0.0", "name": "../plant"}  | 7 | name: '../plant'
            {"cniVersion": "1.0.0", "name": "a/b"}       | 7 | name: 'a/b'
            {"cniVersion": "1.0.0", "name": ".plant"}    | 7 | name: '.plant'
            {"cniVersion": "1.0.0", "name": "my plant"}  | 7 | name: 'my plant'
            """)
    void aBadKeyIsRefusedWithItsNameAndValue(String stdin, int code, String problem) {
        assertRefused(code, problem, stdin.getBytes(StandardCharsets.UTF_8));
    }

    private static String withPrevResult(String result) {
        return "{\"cniVersion\": \"1.0.0\", \"name\": \"n\", \"prevResult\": " + result + "}";
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            []                         | prevResult: expected a result, an object, got the array []
            "x"                        | prevResult: expected a result, an object, got the string "x"
            {"cniVersion": "0.4.0"}    | prevResult.cniVersion: '0.4.0', but this network is 1.0.0
            {"cniVersion": 1.0}        | prevResult.cniVersion: '1.0'
            {"interfaces": {}}         | prevResult.interfaces: expected a list, got the object {}
            {"ips": "10.0.0.2/24"}     | prevResult.ips: expected a list, got the string "10.0.0.2/24"
            {"routes": 3}              | prevResult.routes: expected a list, got the number 3
            """)
    void aBadPrevResultIsRefusedWithThePathOfItsKey(String result, String problem) {
        assertRefused(7, problem, withPrevResult(result).getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "{}",
                "{\"interfaces\": null, \"ips\": [], \"routes\": []}",
                "{\"cniVersion\": \"1.0.0\", \"ips\": [{\"address\": \"10.0.0.2/24\"}], \"dns\": {}, \"x\": {\"y\": 1}}"
            })
    void aPrevResultComesOutAsItWentIn(String result) throws CniException {
        PluginConf conf = parse(withPrevResult(result));
        assertEquals(
                result.replace(" ", ""), conf.prevResult().map(Object::toString).orElse("null"));
    }

    @Test
    void keysThatWeDoNotKnowStay() throws CniException {
        PluginConf conf = parse("{\"cniVersion\": \"1.1.0\", \"name\": \"a_b.c-1\", \"future\": {\"key\": [1, 2]}}");
        assertEquals("a_b.c-1", conf.network());
        assertEquals("{\"key\":[1,2]}", conf.raw().get("future").toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-8", "UTF-16LE", "UTF-16BE", "UTF-32LE", "UTF-32BE"})
    void everyEncodingOfJsonIsRead(String charset) throws CniException {
        assertEquals(
                "plant",
                PluginConf.parse(GOOD.getBytes(Charset.forName(charset))).network());
    }

    @Test
    void aLongValueIsShortenedInAMessage() {
        assertEquals("the number 5", PluginConf.typeOf(IntNode.valueOf(5)));
        assertEquals("the string \"" + "v".repeat(58) + "\"", PluginConf.typeOf(TextNode.valueOf("v".repeat(58))));
        assertEquals("the string \"" + "v".repeat(56) + "...", PluginConf.typeOf(TextNode.valueOf("v".repeat(59))));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void brokenInputIsAlwaysACniErrorOfTheSpec(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 500; i++) {
            byte[] stdin = GOOD.getBytes(StandardCharsets.UTF_8);
            if (random.nextInt(4) == 0) {
                stdin = new byte[random.nextInt(16)];
                random.nextBytes(stdin);
            }
            for (int changes = random.nextInt(4); changes > 0 && stdin.length > 0; changes--) {
                stdin[random.nextInt(stdin.length)] = (byte) random.nextInt(256);
            }
            try {
                PluginConf.parse(stdin);
            } catch (CniException e) {
                int code = e.code().number();
                assertTrue(code == 1 || code == 6 || code == 7, seed + "/" + i + ": " + code + " " + e.getMessage());
            } catch (RuntimeException e) {
                fail("seed " + seed + ", round " + i + ": " + HexFormat.of().formatHex(stdin), e);
            }
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.cni;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class AttachmentKeyTest {
    private static final int NAME_MAX = 255;

    static Stream<String> interfaceNamesThatAreNone() {
        return Stream.concat(
                Stream.of("", ".", "..", "a/b", "/", "eth0:1", "a b", "a\tb", "a\n", "\u000b", "a\0"),
                Stream.of("abcdefghijklmnop", "\u00e4".repeat(8), "a".repeat(300), "%".repeat(90)));
    }

    static Stream<String> containerIdsThatAreNone() {
        return Stream.concat(
                Stream.of(
                        "", "../x", "..", ".", "/", "a/b", "a/../b", ".a", "-a", "_a", " a", "a ", "a b", "a\n", "a\0"),
                Stream.of("a:b", "a%2e", "\u00e9", "\u0661", "a\u2028", "a".repeat(201), "a\ud800"));
    }

    @ParameterizedTest
    @MethodSource("containerIdsThatAreNone")
    void aHostileContainerIdIsRefusedByName(String containerId) {
        IllegalArgumentException refusal =
                assertThrows(IllegalArgumentException.class, () -> new AttachmentKey(containerId, "eth0"));
        assertTrue(refusal.getMessage().startsWith("CNI_CONTAINERID: '" + containerId + "' "), refusal.getMessage());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                "0",
                "pod.1_2-3",
                "a..b",
                "a-",
                "0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9"
            })
    void whatTheSpecAllowsIsAContainerId(String containerId) {
        assertEquals(containerId + ":eth0", new AttachmentKey(containerId, "eth0").toString());
    }

    /** dev_valid_name(): IFNAMSIZ counts bytes, and its NUL. */
    @ParameterizedTest
    @MethodSource("interfaceNamesThatAreNone")
    void whatTheKernelTakesForNoDeviceNameIsRefusedByName(String ifName) {
        assertFalse(InterfaceName.isValid(ifName));
        IllegalArgumentException refusal =
                assertThrows(IllegalArgumentException.class, () -> new AttachmentKey("a", ifName));
        assertTrue(refusal.getMessage().startsWith("CNI_IFNAME: '" + ifName + "' "), refusal.getMessage());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "lo",
                "eth0",
                "eth0.100",
                "...",
                "-",
                "%",
                "a%2e",
                "br-0a1b2c3d",
                "abcdefghijklmno",
                "\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4",
                "@",
                "\"",
                "*"
            })
    void whatTheKernelTakesIsADeviceName(String ifName) {
        assertTrue(InterfaceName.isValid(ifName));
    }

    /** The shim looks for the same file: find_delegates() in spool.c writes '.' and '%' as %2e and %25. */
    @ParameterizedTest
    @CsvSource({
        "a, eth0, a:eth0",
        "pod.1, eth0.100, pod%2e1:eth0%2e100",
        "a, %2e, a:%252e",
        "a-b_c, ..., a-b_c:%2e%2e%2e"
    })
    void theFileNameEscapesWhatAFileSystemForBpfRefuses(String containerId, String ifName, String fileName) {
        assertEquals(fileName, new AttachmentKey(containerId, ifName).fileName());
    }

    private static List<String> words(String alphabet, int length) {
        List<String> words = new ArrayList<>(List.of(""));
        for (int from = 0, n = 0; n < length; n++) {
            int to = words.size();
            for (; from < to; from++) {
                for (char c : alphabet.toCharArray()) {
                    words.add(words.get(from) + c);
                }
            }
        }
        return words;
    }

    @Test
    void noTwoAttachmentsShareAFileName() {
        Map<String, AttachmentKey> seen = new HashMap<>();
        for (String ifName : words("a%.2e5", 3)) {
            for (String rest : words(".2e5-", 2)) {
                if (InterfaceName.isValid(ifName)) {
                    AttachmentKey key = new AttachmentKey("a" + rest, ifName);
                    assertNull(seen.put(key.fileName(), key), key.toString());
                    assertFalse(key.fileName().matches(".*[./].*"), key.fileName());
                }
            }
        }
        assertTrue(seen.size() > 5_000);
    }

    /** As AttachmentStore writes it, beside bpffs, where the suffix is missing. */
    @ParameterizedTest
    @CsvSource({"a, e", "-, e", "., e", "a, %", "., ."})
    void aKeyThatIsAcceptedFitsAFileName(String filling, String ifName) {
        AttachmentKey key;
        try {
            key = new AttachmentKey("a" + filling.repeat(199), "e" + ifName.repeat(14));
        } catch (IllegalArgumentException e) {
            return;
        }
        String file = key.fileName() + ".json.tmp";
        assertTrue(file.getBytes(StandardCharsets.UTF_8).length <= NAME_MAX, file);
    }
}

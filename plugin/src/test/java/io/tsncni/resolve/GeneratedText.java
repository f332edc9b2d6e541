// SPDX-License-Identifier: Apache-2.0
package io.tsncni.resolve;

import java.util.List;

/** Texts as people, programs and attackers write them. */
final class GeneratedText {
    /** What stands in such texts. */
    private static final List<String> WORDS = List.of(
            "lan",
            "wan",
            "a.b",
            "plant",
            "net1",
            "eth0",
            "10.0.0.5/24",
            "fd00::1",
            "10.0.0.1",
            "02:00:00:00:00:07",
            "bridge",
            "macvlan",
            "1.0.0",
            "tcp",
            "0000:03:02.3",
            "tsn",
            "true",
            "k");

    /** What comes close to it, and what must not get through. */
    private static final List<String> TRAPS = List.of(
            "",
            "..",
            ".",
            "a/b",
            "../../etc",
            "A",
            "-a",
            "a b",
            "abcdefghijklmnop",
            "10.0.0.1/33",
            "02:00",
            "a\u0000",
            "\u001b[31m",
            "a\nb",
            "localhost",
            "\ud83d\ude00",
            "::",
            "%2e",
            "\ud800",
            "\u0085");

    private static final List<String> LEAVES = List.of(
            "null",
            "1",
            "true",
            "{}",
            "[]",
            "\"\"",
            "0",
            "false",
            "-1",
            "1.5",
            "1e999999",
            "9".repeat(400),
            "\"\\ud800\"",
            "NaN",
            "lan",
            "65536");

    private static final List<String> PIECES = List.of(
            "", "[", "]", "{", "}", "\"", ",", ":", "null", "\u0000", "\\", "/", "@", " ", "1", "a", "\u0007",
            "\\u0000");

    private static final String LONG = "a".repeat(1_000_000);

    /** Too much of something. */
    private static final List<String> EXCESS = List.of(
            LONG,
            "\"" + LONG + "\"",
            "[{\"name\":\"" + LONG + "\"}]",
            "{\"name\":\"" + "a".repeat(200_000) + "\",\"type\":\"b\"}",
            "{\"type\":\"" + "b".repeat(200_000) + "\"}",
            "[".repeat(100_000),
            "{\"a\":".repeat(50_000),
            "[{\"name\":\"a\",\"cni-args\":" + "{\"a\":".repeat(95) + "1" + "}".repeat(95) + "}]",
            "{\"type\":\"a\",\"b\":" + "[".repeat(97) + "]".repeat(97) + "}",
            "[" + "null,".repeat(50_000) + "null]",
            "a,".repeat(100_000),
            "/".repeat(100_000),
            "@".repeat(100_000),
            "{\"plugins\":[" + "{\"type\":\"a\"},".repeat(500) + "{\"type\":\"a\"}]}");

    private GeneratedText() {}

    static String word(Choices choices) {
        return switch (choices.below(8)) {
            case 7 ->
                new StringBuilder()
                        .appendCodePoint(choices.below(1024))
                        .append(choices.of(WORDS))
                        .toString();
            case 5, 6 -> choices.of(TRAPS);
            default -> choices.of(WORDS);
        };
    }

    /** JSON of any shape, with keys that mean something and with others; a few of its numbers and words are none. */
    static String json(Choices choices, int depth, List<String> keys) {
        return switch (choices.below(depth == 0 ? 4 : 8)) {
            case 3 -> choices.of(LEAVES);
            case 4 -> choices.listOf(3, () -> json(choices, depth - 1, keys)).toString();
            case 5, 6, 7 -> object(choices, depth, keys);
            default -> quoted(word(choices));
        };
    }

    static String object(Choices choices, int depth, List<String> keys) {
        List<String> members = choices.listOf(5, () -> {
            String key = choices.oneIn(10) ? word(choices) : choices.of(keys);
            return quoted(key) + ":" + json(choices, depth - 1, keys);
        });
        return "{" + String.join(",", members) + "}";
    }

    /** With a few characters changed, taken away or put in. */
    static String mutated(Choices choices, String text) {
        StringBuilder changed = new StringBuilder(text);
        for (int n = choices.below(3); n >= 0; n--) {
            int from = choices.below(1024) * changed.length() / 1024;
            changed.replace(from, Math.min(changed.length(), from + choices.below(5)), choices.of(PIECES));
        }
        return changed.toString();
    }

    static String excess(Choices choices) {
        return choices.of(EXCESS);
    }

    static String quoted(String text) {
        return Json.MAPPER.getNodeFactory().textNode(text).toString();
    }
}

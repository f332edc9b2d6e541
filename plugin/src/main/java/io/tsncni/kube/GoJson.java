// SPDX-License-Identifier: Apache-2.0
package io.tsncni.kube;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map.Entry;

/** JSON with the bytes of Go's {@code json.MarshalIndent(value, "", "    ")}, for texts that others compare as such. */
final class GoJson {
    private static final String INDENT = "    ";

    private GoJson() {}

    static String indented(JsonNode json) {
        StringBuilder text = new StringBuilder();
        append(text, "\n", json);
        return text.toString();
    }

    /** @param newLine with the indentation of the line that the value begins in */
    private static void append(StringBuilder text, String newLine, JsonNode json) {
        String inner = newLine + INDENT;
        if (json.isTextual()) {
            append(text, json.textValue());
        } else if (json.isEmpty()) {
            // Numbers and booleans are empty, too.
            text.append(json);
        } else if (json.isArray()) {
            String before = "[";
            for (JsonNode element : json) {
                append(text.append(before).append(inner), inner, element);
                before = ",";
            }
            text.append(newLine).append(']');
        } else {
            String before = "{";
            for (Entry<String, JsonNode> field : json.properties()) {
                append(text.append(before).append(inner), field.getKey());
                append(text.append(": "), inner, field.getValue());
                before = ",";
            }
            text.append(newLine).append('}');
        }
    }

    private static void append(StringBuilder text, String value) {
        text.append('"');
        value.codePoints().forEach(c -> {
            switch (c) {
                case '"' -> text.append("\\\"");
                case '\\' -> text.append("\\\\");
                case '\b' -> text.append("\\b");
                case '\f' -> text.append("\\f");
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                // So that the text may stand in HTML, and in JavaScript.
                case '<', '>', '&', 0x2028, 0x2029 -> text.append("\\u%04x".formatted(c));
                default -> appendOther(text, c);
            }
        });
        text.append('"');
    }

    private static void appendOther(StringBuilder text, int c) {
        if (c < ' ') {
            text.append("\\u%04x".formatted(c));
        } else {
            // Half of a pair is no character: it has been U+FFFD since Go read it.
            text.appendCodePoint(Character.getType(c) == Character.SURROGATE ? 0xfffd : c);
        }
    }
}

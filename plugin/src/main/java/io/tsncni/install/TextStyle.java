// SPDX-License-Identifier: Apache-2.0
package io.tsncni.install;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/**
 * How somebody writes JSON.
 *
 * @param newline empty if an object stands on one line
 * @param base the indentation of the line that an object's last brace is on
 * @param unit what a level adds to it
 * @param space behind a colon and a comma on one line
 */
record TextStyle(String newline, String base, String unit, String space) {
    private static final Pattern FIRST_KEY = Pattern.compile("\\{\\r?\\n([ \\t]*)\"");
    private static final Pattern TIGHT = Pattern.compile("\"[:,]\\S");

    /** Of an object that stands alone. */
    static TextStyle of(String text, String object) {
        return at(text, text.stripTrailing().length(), object);
    }

    /** Of an object in a text that ends at this place. */
    static TextStyle at(String text, int end, String object) {
        String line = text.substring(text.lastIndexOf('\n', end - 1) + 1, end);
        String base = line.substring(0, line.length() - line.stripLeading().length());
        String space = TIGHT.matcher(text).find() && !text.contains("\": ") ? "" : " ";
        if (!object.contains("\n")) {
            return new TextStyle("", "", "", space);
        }
        Matcher first = FIRST_KEY.matcher(object);
        boolean deeper = first.find()
                && first.group(1).startsWith(base)
                && first.group(1).length() > base.length();
        String unit = deeper ? first.group(1).substring(base.length()) : "  ";
        return new TextStyle(object.contains("\r\n") ? "\r\n" : "\n", base, unit, space);
    }

    /** To a new line of this level, if there are lines. */
    String line(int level) {
        return newline.isEmpty() ? "" : newline + base + unit.repeat(level);
    }

    String comma() {
        return newline.isEmpty() ? "," + space : ",";
    }

    String member(String key, String value) {
        return TextNode.valueOf(key) + ":" + space + value;
    }

    /** The same text, each of its lines but the first further in. */
    String deeper(String text, int levels) {
        return newline.isEmpty() ? text : text.replace("\n", "\n" + unit.repeat(levels));
    }

    String object(JsonNode object) {
        return value(object, 0);
    }

    private String value(JsonNode node, int level) {
        if (node.isObject() && !node.isEmpty()) {
            return node.properties().stream()
                    .map(entry -> line(level + 1) + member(entry.getKey(), value(entry.getValue(), level + 1)))
                    .collect(Collectors.joining(comma(), "{", line(level) + "}"));
        }
        if (node.isArray()) {
            return StreamSupport.stream(node.spliterator(), false)
                    .map(JsonNode::toString)
                    .collect(Collectors.joining("," + space, "[", "]"));
        }
        return node.toString();
    }
}

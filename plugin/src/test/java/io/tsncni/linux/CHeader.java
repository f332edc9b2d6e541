// SPDX-License-Identifier: Apache-2.0
package io.tsncni.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A header that Java mirrors: its numeric #defines, and the layout of its structs of __u32 and __u64. */
public final class CHeader {
    private static final Pattern COMMENT = Pattern.compile("/\\*.*?\\*/", Pattern.DOTALL);
    private static final Pattern DEFINE = Pattern.compile("^#define\\s+(\\w+)[ \\t]+(\\S.*)$", Pattern.MULTILINE);
    private static final Pattern STRUCT =
            Pattern.compile("^struct (\\w+) \\{(.*?)^};", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern MEMBER = Pattern.compile("(?:struct )?(\\w+)\\s+(\\w+)(?:\\[(.+?)])?;");

    private record Type(int size, int alignment) {}

    private final Map<String, String> defines = new LinkedHashMap<>();
    private final Map<String, Type> types = new LinkedHashMap<>();
    private final Map<String, Integer> offsets = new LinkedHashMap<>();

    private CHeader(String text) {
        for (Matcher define = DEFINE.matcher(text); define.find(); ) {
            defines.put(define.group(1), define.group(2).strip());
        }
        types.put("__u32", new Type(4, 4));
        types.put("__s32", new Type(4, 4));
        types.put("bpf_spin_lock", new Type(4, 4));
        types.put("__u64", new Type(8, 8));
        for (Matcher struct = STRUCT.matcher(text); struct.find(); ) {
            types.put(struct.group(1), layOut(struct.group(1), struct.group(2)));
        }
    }

    /** @param path from the module's directory, where surefire runs */
    public static CHeader read(String path) throws IOException {
        return new CHeader(COMMENT.matcher(Files.readString(Path.of(path))).replaceAll(" "));
    }

    private Type layOut(String struct, String members) {
        int end = 0;
        int alignment = 1;
        for (Matcher member = MEMBER.matcher(members); member.find(); ) {
            Type type = types.get(member.group(1));
            int count = member.group(3) == null ? 1 : value(member.group(3));
            end = roundUp(end, type.alignment);
            offsets.put(struct + "." + member.group(2), end);
            end += count * type.size;
            alignment = Math.max(alignment, type.alignment);
        }
        return new Type(roundUp(end, alignment), alignment);
    }

    private static int roundUp(int number, int to) {
        return (number + to - 1) / to * to;
    }

    public int sizeOf(String struct) {
        return types.get(struct).size;
    }

    public int offsetOf(String struct, String member) {
        return offsets.get(struct + "." + member);
    }

    /** The value of the first of these names that is defined. */
    public Optional<Integer> define(String... names) {
        for (String name : names) {
            if (defines.containsKey(name)) {
                return Optional.of(value(name));
            }
        }
        return Optional.empty();
    }

    /** An expression of numbers, names, parentheses, +, - and <<; the 32 bits of its value. */
    public int value(String expression) {
        return (int) new Expression(expression).shift();
    }

    private final class Expression {
        private static final Pattern TOKEN = Pattern.compile("\\s*(<<|[-+()]|\\w+)");

        private final Matcher token;
        private String next;

        Expression(String text) {
            token = TOKEN.matcher(text);
            advance();
        }

        private String advance() {
            String taken = next;
            next = token.find() ? token.group(1) : "";
            return taken;
        }

        private long shift() {
            long value = sum();
            while (next.equals("<<")) {
                advance();
                value <<= sum();
            }
            return value;
        }

        private long sum() {
            long value = atom();
            while (next.equals("+") || next.equals("-")) {
                value += advance().equals("+") ? atom() : -atom();
            }
            return value;
        }

        private long atom() {
            String atom = advance();
            if (atom.equals("(")) {
                long value = shift();
                advance();
                return value;
            }
            return Character.isDigit(atom.charAt(0))
                    ? Long.decode(atom.replaceFirst("[uU]$", ""))
                    : value(defines.get(atom));
        }
    }
}

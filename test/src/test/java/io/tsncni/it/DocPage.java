// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What of a page's Markdown a test reads: fenced blocks, and comments that stand alone on a line.
 *
 * @param name of the page, and of the section if it is only that
 */
record DocPage(String name, List<Part> parts) {
    /** Blocks of these are run; with another name for a shell nobody would run them. */
    static final String SHELL = "sh";

    private static final Pattern FENCE = Pattern.compile("^( *)```(\\S*)$");
    private static final Pattern COMMENT = Pattern.compile("^ *<!-- (needs|test): (.*) -->$");

    /**
     * @param kind the block's language, {@code needs}, {@code test}, or {@code #} for the heading of a section
     * @param marked what the comment directly above says that a block needs; empty without one
     */
    record Part(int line, String kind, String text, String marked) {
        @Override
        public String toString() {
            return "line " + line + ": " + text;
        }
    }

    static DocPage read(Path root, Path file) {
        List<String> lines;
        try {
            lines = Files.readAllLines(file);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        List<Part> parts = new ArrayList<>();
        String marked = "";
        for (int i = 0; i < lines.size(); i++) {
            Matcher fence = FENCE.matcher(lines.get(i));
            Matcher comment = COMMENT.matcher(lines.get(i));
            if (fence.matches()) {
                int first = i + 1;
                List<String> block = new ArrayList<>();
                while (!lines.get(++i).equals(fence.group(1) + "```")) {
                    block.add(lines.get(i));
                }
                parts.add(new Part(first, fence.group(2), String.join("\n", block), marked));
            } else if (comment.matches() && comment.group(1).equals("test")) {
                parts.add(new Part(i + 1, "test", comment.group(2), ""));
            } else if (lines.get(i).startsWith("## ")) {
                parts.add(new Part(i + 1, "#", lines.get(i).substring(3), ""));
            }
            marked = comment.matches() && comment.group(1).equals("needs") ? comment.group(2) : "";
        }
        return new DocPage(root.relativize(file).toString(), parts);
    }

    List<Part> blocks(String kind) {
        return parts.stream().filter(part -> part.kind().equals(kind)).toList();
    }

    /** Each section by itself. */
    List<DocPage> sections() {
        List<DocPage> sections = new ArrayList<>();
        for (Part part : parts) {
            if (part.kind().equals("#")) {
                sections.add(new DocPage(name + ": " + part.text(), new ArrayList<>()));
            } else if (!sections.isEmpty()) {
                sections.get(sections.size() - 1).parts().add(part);
            }
        }
        return sections;
    }

    @Override
    public String toString() {
        return name;
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.testbed;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Horizontal bars with their values, in panels one below the other: SVG, for a light or a dark page. */
final class BarChart {
    private static final int WIDTH = 760;
    private static final int LABELS = 250;
    private static final int VALUES = 90;
    private static final int BAR = 18;
    private static final int STEP = 26;
    private static final int TITLE = 34;
    private static final int MARGIN = 20;

    private static final String STYLE =
            """
            <style>
              text { font: 13px sans-serif; fill: #1f2328; }
              .page { fill: #ffffff; }
              .title { font-weight: bold; }
              .small { font-size: 12px; fill: #59636e; }
              .plain { fill: #8c959f; }
              .ours { fill: #1f6feb; }
              .other { fill: #bc4c00; }
              @media (prefers-color-scheme: dark) {
                text { fill: #e6edf3; }
                .page { fill: #0d1117; }
                .small { fill: #9198a1; }
                .plain { fill: #6e7681; }
                .ours { fill: #4493f8; }
                .other { fill: #db6d28; }
              }
            </style>
            """;

    /** What a bar stands for, by its colour. */
    enum Tone {
        PLAIN,
        OURS,
        OTHER
    }

    /** One bar. */
    record Bar(String label, double value, String shown, Tone tone) {}

    private record Panel(String title, List<Bar> bars) {
        int height() {
            return TITLE + STEP * bars.size() + MARGIN;
        }
    }

    private final String subtitle;
    private final List<Panel> panels = new ArrayList<>();

    BarChart(String subtitle) {
        this.subtitle = subtitle;
    }

    /** Each panel has a scale of its own, from 0. */
    BarChart panel(String title, List<Bar> bars) {
        panels.add(new Panel(title, List.copyOf(bars)));
        return this;
    }

    String svg() {
        StringBuilder body = new StringBuilder();
        int y = MARGIN;
        for (Panel panel : panels) {
            draw(body, panel, y);
            y += panel.height();
        }
        text(body, MARGIN, y + 4, "small", "start", subtitle);
        int height = y + MARGIN;
        return format(
                        """
                        <svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img">
                        <!-- Made by ./tsn bench datapath. -->
                        """,
                        WIDTH, height, WIDTH, height)
                + STYLE
                + format("<rect class=\"page\" width=\"%d\" height=\"%d\" rx=\"8\"/>\n", WIDTH, height)
                + body
                + "</svg>\n";
    }

    private static void draw(StringBuilder to, Panel panel, int top) {
        double most = panel.bars().stream().mapToDouble(Bar::value).max().orElse(1);
        text(to, MARGIN, top + 16, "title", "start", panel.title());
        int y = top + TITLE;
        for (Bar bar : panel.bars()) {
            double length = Math.max(1, bar.value() / most * (WIDTH - LABELS - VALUES - MARGIN));
            text(to, LABELS - 8, y + 13, "label", "end", bar.label());
            to.append(format(
                    "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" rx=\"2\"/>\n",
                    bar.tone().name().toLowerCase(Locale.ROOT), LABELS, y, length, BAR));
            text(to, (int) (LABELS + length + 6), y + 13, "label", "start", bar.shown());
            y += STEP;
        }
    }

    private static void text(StringBuilder to, int x, int y, String style, String anchor, String words) {
        String escaped = words.replace("&", "&amp;").replace("<", "&lt;");
        to.append(format(
                "<text class=\"%s\" x=\"%d\" y=\"%d\" text-anchor=\"%s\">%s</text>\n", style, x, y, anchor, escaped));
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** docs/metrics.md has a line for each metric, and none besides. */
class MetricsDocTest {
    private static final Path DOC = Path.of("../docs/metrics.md");

    /** In the text format an info is a gauge that is 1. */
    static String type(Metric metric) {
        return metric.type() == Metric.Type.INFO
                ? "gauge"
                : metric.type().toString().toLowerCase(Locale.ROOT);
    }

    private static String line(Metric metric) {
        String labels = metric.labels().stream().map(label -> "`" + label + "`").collect(Collectors.joining(", "));
        return "| `" + metric.shown() + "` | " + type(metric) + " | " + labels + (labels.isEmpty() ? "| " : " | ")
                + metric.help() + " |";
    }

    /** Who changes a metric copies what this test has written. */
    @Test
    void theTableIsThatOfTheCode() throws IOException {
        List<String> expected =
                Arrays.stream(Metric.values()).map(MetricsDocTest::line).toList();
        Path written = Files.write(Path.of("target/metrics-table.md"), expected);
        List<String> found = Files.readAllLines(DOC).stream()
                .filter(line -> line.startsWith("| `"))
                .toList();
        assertEquals(String.join("\n", expected), String.join("\n", found), "copy " + written + " into " + DOC);
    }
}

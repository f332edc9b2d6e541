// SPDX-License-Identifier: Apache-2.0
package io.tsncni.testbed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tsncni.testbed.BarChart.Bar;
import io.tsncni.testbed.BarChart.Tone;
import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;

/** What the benchmark makes of what it measures. */
class BenchFiguresIT {
    private static final int STEPS = 32 * 32;

    @Test
    void aPercentileIsTheEndOfTheStepThatReachesIt() {
        // Below 64 ns a step is a nanosecond; step 96 is 128..131 ns, step 100 is 144..147 ns.
        Arrivals arrivals = arrivals(146, new int[] {40, 90}, new int[] {96, 9}, new int[] {100, 1});
        assertEquals(100, arrivals.timed());
        assertEquals(40, arrivals.percentile(0.5));
        assertEquals(40, arrivals.percentile(0.9));
        assertEquals(131, arrivals.percentile(0.91));
        assertEquals(146, arrivals.percentile(1));
    }

    @Test
    void stepsFollowOneAnotherWithoutAGap() {
        for (int step = 1; step < STEPS; step++) {
            long width = Arrivals.endOf(step) - Arrivals.endOf(step - 1);
            assertTrue(width > 0 && width <= Math.max(1, Arrivals.endOf(step) / 32), "step " + step + ": " + width);
        }
    }

    @Test
    void aRatioIsTakenWithinARound() {
        Samples<String> samples = new Samples<>();
        for (double slow : new double[] {1, 10, 1, 10}) {
            samples.add("this", 2 * slow);
            samples.add("that", slow);
        }
        // One round in which only the other one was disturbed.
        samples.add("this", 2);
        samples.add("that", 50);
        assertEquals(2, samples.ratio("this", "that"));
        assertEquals(2, samples.median("this"));
    }

    @Test
    void aChartIsXmlWhateverItsWordsAre() throws Exception {
        String svg = new BarChart("1 < 2 & \"3\"")
                .panel("a < b", List.of(new Bar("half", 1, "1", Tone.OURS), new Bar("whole", 2, "2", Tone.PLAIN)))
                .svg();
        Document document = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
        var bars = document.getElementsByTagName("rect");
        double half = width(bars.item(1));
        assertEquals(2 * half, width(bars.item(2)), 0.2);
    }

    private static double width(org.w3c.dom.Node bar) {
        return Double.parseDouble(bar.getAttributes().getNamedItem("width").getNodeValue());
    }

    private static Arrivals arrivals(long max, int[]... stepAndPackets) {
        ByteBuffer value = ByteBuffer.allocate((2 + STEPS) * Long.BYTES).order(ByteOrder.nativeOrder());
        value.putLong(Long.BYTES, max);
        for (int[] one : stepAndPackets) {
            value.putLong((2 + one[0]) * Long.BYTES, one[1]);
        }
        return Arrivals.parse(value);
    }
}

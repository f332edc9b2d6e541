// SPDX-License-Identifier: Apache-2.0
package io.tsncni.testbed;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;
import java.util.function.Function;
import java.util.stream.Stream;

/** What {@link DatapathBench} found, as Markdown. */
record DatapathReport(String machine, DatapathBench.Result result) {
    private static final List<Traffic> TRAFFICS = List.of(Traffic.values());
    private static final List<Variant> VARIANTS = List.of(Variant.values());

    private static final String NOTES =
            """
            * The path is pod, veth, bridge, routing, masquerading, HTB, veth, all of it on one CPU; UDP of 64 bytes. The time
              that the sender waited for that CPU is taken off. Variants take turns in short rounds: figures are medians
              of all rounds, ratios medians of what they were within a round.
            * The packets of a socket that is not connected have no flow hash: the saver has the flow dissected, as
              would a NIC with several queues.
            * The kernel's figures of programs contain its own two clock readings for each, also those of empty ones.""";

    String markdown() {
        return String.join("\n\n", machine, throughput(), programs(), ratios(), delay(), scale(), notes());
    }

    private String throughput() {
        return table("packets a second, ns a packet, on one CPU", VARIANTS, variant -> TRAFFICS.stream()
                .map(traffic -> {
                    double nanos = cost(traffic).path().median(variant);
                    return format("%.0f k, %.0f ns", 1e6 / nanos, nanos);
                }));
    }

    private String programs() {
        return table(
                "the programs alone, as the kernel measures them, ns a packet",
                VARIANTS.stream().filter(Variant::hasPrograms).toList(),
                variant -> TRAFFICS.stream()
                        .map(traffic -> format("%.0f", cost(traffic).programs().median(variant))));
    }

    /** What the project has set itself, beside what it got. */
    private String ratios() {
        return String.join(
                "\n",
                header("asked for, and found"),
                row("programs, tsn-cni / two empty ones: at most 1.5", programs(Variant.EMPTY)),
                row("programs, tsn-cni / address map: under 0.3", programs(Variant.ADDRESS_MAP)),
                row(
                        "the same, both less what two empty programs cost",
                        TRAFFICS.stream().map(traffic -> format("%.2f", beyondEmpty(cost(traffic))))),
                row("whole path, tsn-cni / two empty programs", path(Variant.EMPTY)),
                row("whole path, tsn-cni / address map", path(Variant.ADDRESS_MAP)),
                row("throughput lost to tsn-cni: under 3 %", loss(Variant.TSN)),
                row("throughput lost to two empty programs", loss(Variant.EMPTY)),
                row("throughput lost to the address map", loss(Variant.ADDRESS_MAP)),
                row("throughput lost to nothing at all: what these figures are worth", loss(Variant.CONTROL)));
    }

    private Stream<String> programs(Variant to) {
        return TRAFFICS.stream()
                .map(traffic -> format("%.2f", cost(traffic).programs().ratio(Variant.TSN, to)));
    }

    private Stream<String> path(Variant to) {
        return TRAFFICS.stream()
                .map(traffic -> format("%.3f", cost(traffic).path().ratio(Variant.TSN, to)));
    }

    private Stream<String> loss(Variant of) {
        return TRAFFICS.stream()
                .map(traffic ->
                        format("%.1f %%", 100 * (1 - 1 / cost(traffic).path().ratio(of, Variant.NONE))));
    }

    private static double beyondEmpty(DatapathBench.Cost<Variant> cost) {
        double empty = cost.programs().median(Variant.EMPTY);
        return (cost.programs().median(Variant.TSN) - empty) / (cost.programs().median(Variant.ADDRESS_MAP) - empty);
    }

    private String delay() {
        StringJoiner lines = new StringJoiner("\n");
        lines.add(format(
                "| from the send to the far end of the NIC, %d packets a second, us | p50 | p99 | p99.9 | max | packets |",
                DatapathBench.TIMED_PER_SECOND));
        lines.add("|---|---|---|---|---|---|");
        for (Variant variant : VARIANTS) {
            Arrivals timed = result.outcomes().get(variant).timed();
            Stream<String> percentiles =
                    Stream.of(0.5, 0.99, 0.999, 1.0).map(part -> format("%.1f", timed.percentile(part) / 1e3));
            lines.add(row(variant.toString(), Stream.concat(percentiles, Stream.of(Long.toString(timed.timed())))));
        }
        return lines.toString();
    }

    private String scale() {
        StringJoiner lines = new StringJoiner("\n");
        lines.add("| attached pods, one of which sends | ns a packet | programs alone, ns | whole path, to that of 1"
                + " (asked: within 10 %) | programs, to those of 1 |");
        lines.add("|---|---|---|---|---|");
        for (int pods : DatapathBench.SCALE) {
            lines.add(row(
                    Integer.toString(pods),
                    Stream.of(
                            format("%.0f", result.scale().path().median(pods)),
                            format("%.0f", result.scale().programs().median(pods)),
                            percent(result.scale().path().ratio(pods, 1)),
                            percent(result.scale().programs().ratio(pods, 1)))));
        }
        return lines.toString();
    }

    private static String percent(double ratio) {
        return format("%+.1f %%", 100 * (ratio - 1));
    }

    private String notes() {
        StringJoiner lines = new StringJoiner("\n");
        lines.add(NOTES);
        lines.add("* The address map is the published algorithm in its leanest form; "
                + result.outcomes().get(Variant.ADDRESS_MAP).remark() + ".");
        for (Variant variant : VARIANTS) {
            DatapathBench.Outcome outcome = result.outcomes().get(variant);
            lines.add(format(
                    "* %s: %d packets lost, %.2f %% in the class that they asked for",
                    variant, outcome.lost(), 100 * outcome.inTheirClass()));
        }
        return lines.toString();
    }

    private DatapathBench.Cost<Variant> cost(Traffic traffic) {
        return result.costs().get(traffic);
    }

    private static String table(String what, List<Variant> rows, Function<Variant, Stream<String>> cells) {
        StringJoiner lines = new StringJoiner("\n");
        lines.add(header(what));
        rows.forEach(variant -> lines.add(row(variant.toString(), cells.apply(variant))));
        return lines.toString();
    }

    private static String header(String what) {
        return row(what, Arrays.stream(Traffic.values()).map(Traffic::toString)) + "\n"
                + "|---".repeat(1 + TRAFFICS.size()) + "|";
    }

    private static String row(String what, Stream<String> cells) {
        StringJoiner row = new StringJoiner(" | ", "| " + what + " | ", " |");
        cells.forEach(row::add);
        return row.toString();
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.testbed;

import io.tsncni.testbed.DemoResult.Measured;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The demo in words, a picture and a table. */
final class DemoReport {
    private static final String INTRODUCTION =
            """

            tsn-cni: packets keep their traffic class from the application in a pod to the network card.

              pod A     ──┐
              pod B     ──┼──► bridge ──► routing, NAT ──► queues of the network card ──► wire
              neighbour ──┘                                one per class, 0 to 15
                  ▲                                             ▲
              asks for a class                             what counts: here the packet is put
              (SO_PRIORITY)                                into a class, here we look

            An application asks for a class, Linux forgets it where the packet leaves the pod, and the card
            treats urgent packets like all others. tsn-cni carries the class across.

              pod A      attached to tsn-cni; every class stays what the application asked for
              pod B      attached to tsn-cni; its operator maps class 1 to 2, 6 to 4, and all others to 0
              neighbour  not attached. It sets a byte in the packet header (IP_TOS), as any program may, from
                         which Linux itself derives a class when it forwards: an urgent one that nobody granted

            Here: kernel %s; queue discipline (what puts the card's packets into classes): %s.
            Real sockets and packets, on devices that exist only for this demo. Every packet is counted
            at the queue, in the class that it has there.

            """;

    private static final String TSN = "tsn-cni";

    private final PrintStream out;
    private final boolean color;

    DemoReport(PrintStream out, boolean color) {
        this.out = new PrintStream(out, true, StandardCharsets.UTF_8);
        this.color = color;
    }

    static DemoReport silent() {
        return new DemoReport(new PrintStream(OutputStream.nullOutputStream()), false);
    }

    void introduction(String kernel, Qdisc qdisc) {
        out.printf(INTRODUCTION, kernel, qdisc);
    }

    void phase(String name) {
        out.println("Running " + name + " ...");
    }

    /** Prints the tables; true if tsn-cni did what it should and was needed for it. */
    boolean verdict(DemoResult without, DemoResult with, String carrier) {
        out.println();
        flows(without, with);
        classes(without, with);
        if (with.qdisc().classes() < DemoResult.CLASSES) {
            qdiscClasses(without, with);
        }
        totals("without tsn-cni", without);
        totals("with tsn-cni", with);
        out.println();
        boolean good = with.allAttachedCorrect() && with.elevated() == 0 && with.allLeftByTheirClass();
        boolean needed = !without.allAttachedCorrect() || without.elevated() > 0;
        if (!good) {
            row("  %s", paint(false, "NOT every packet is in its class: tsn-cni does not work here."));
        } else if (!needed) {
            row("  %s", paint(false, "Both runs are right: this shows no difference, and so proves nothing."));
        } else {
            row("  %s Kernel hook in use: %s.", paint(true, "With tsn-cni every packet is in its class."), carrier);
        }
        out.println();
        return good && needed;
    }

    private void flows(DemoResult without, DemoResult with) {
        out.println("What each application sent, in each of the two runs, and the class its packets had at the card");
        out.println();
        row("  %-9s  %-11s  %11s  %12s   %-9s  %-15s  %s", "", "", "", "", "should", "without", "with");
        row("  %-9s  %-11s  %11s  %12s   %-9s  %-15s  %s", "", "asks for", "UDP packets", "TCP bytes", "be", TSN, TSN);
        Map<String, List<Measured>> before = byRequest(without);
        byRequest(with).forEach((request, after) -> {
            Flow flow = after.get(0).flow();
            row(
                    "  %-9s  %-11s  %11s  %12s   %-9s  %s  %s",
                    flow.sender(),
                    flow.request(),
                    number(after.stream().mapToLong(m -> m.talker().packets()).sum()),
                    number(after.stream()
                            .filter(m -> m.flow().tcp())
                            .mapToLong(m -> m.talker().bytes())
                            .sum()),
                    "class " + flow.expected(),
                    got(before.get(request), "%-15s"),
                    got(after, "%s"));
        });
        out.println();
    }

    /** The UDP and the TCP flow of one request belong in one row. */
    private static Map<String, List<Measured>> byRequest(DemoResult result) {
        return result.flows().stream()
                .collect(Collectors.groupingBy(
                        measured -> measured.flow().sender() + measured.flow().request(),
                        LinkedHashMap::new,
                        Collectors.toList()));
    }

    private void classes(DemoResult without, DemoResult with) {
        out.println("What the network card's queues saw, class by class, in packets");
        out.println();
        row("  %-7s  %-31s  %s", "", "without tsn-cni", "with tsn-cni");
        String columns = "%9s %9s %11s";
        String heads = columns.formatted("expected", "seen", "misplaced");
        row("  %-7s  %s  %s", "", heads, heads);
        for (int i = 0; i < DemoResult.CLASSES; i++) {
            if (without.expectedIn(i) + without.seenIn(i) + with.expectedIn(i) + with.seenIn(i) > 0) {
                row("  class %-2d  %s %s", i, counts(columns, without, i), counts(columns, with, i));
            }
        }
        out.println();
    }

    /** By the qdisc's word: where it has fewer classes than there are priorities, and puts several in one. */
    private void qdiscClasses(DemoResult without, DemoResult with) {
        Qdisc qdisc = with.qdisc();
        out.printf("What %s itself has counted of what left by each of its %d queues%n%n", qdisc, qdisc.classes());
        row("  %-18s  %9s  %15s  %12s", "", "expected", "without tsn-cni", "with tsn-cni");
        for (int i = 0; i < qdisc.classes(); i++) {
            int by = i;
            String priorities = IntStream.range(0, DemoResult.CLASSES / 2)
                    .filter(priority -> qdisc.classOf(priority) == by)
                    .mapToObj(Integer::toString)
                    .collect(Collectors.joining(", "));
            row(
                    "  queue %d, class %-4s  %9s  %s  %s",
                    by, priorities, number(with.expectedBy(by)), left(without, by, "%15s"), left(with, by, "%12s"));
        }
        out.println();
        out.println("  (ARP and the like are in queue 0, too.)");
        out.println();
    }

    private String left(DemoResult result, int by, String width) {
        long enough = result.expectedBy(by);
        return paint(result.leftBy(by) >= enough, width.formatted(number(result.leftBy(by))));
    }

    private String counts(String columns, DemoResult result, int i) {
        long strangers = result.seenIn(i) - result.rightlyIn(i);
        boolean right = strangers == 0 && result.rightlyIn(i) == result.expectedIn(i);
        return paint(
                right, columns.formatted(number(result.expectedIn(i)), number(result.seenIn(i)), number(strangers)));
    }

    private void totals(String run, DemoResult result) {
        String attached = "attached pods: %s of %s packets in their class"
                .formatted(number(result.correct()), number(result.sent(true)));
        String neighbour = "neighbour: %s of %s packets in a class that nobody granted"
                .formatted(number(result.elevated()), number(result.sent(false)));
        row("  %-17s %s", run, paint(result.allAttachedCorrect(), attached));
        row("  %-17s %s", "", paint(result.elevated() == 0, neighbour));
    }

    /** "class 3", or all the classes that they were seen in, and how many were not seen at all. */
    private String got(List<Measured> flows, String width) {
        String classes = IntStream.rangeClosed(0, DemoResult.CLASSES)
                .filter(i -> flows.stream().anyMatch(measured -> measured.seen().at(i) > 0))
                .mapToObj(i -> i < DemoResult.CLASSES ? Integer.toString(i) : "above")
                .collect(Collectors.joining(","));
        long lost = flows.stream()
                .mapToLong(measured -> measured.sent() - measured.seen().total())
                .sum();
        String text = (classes.isEmpty() ? "nothing" : "class " + classes) + (lost > 0 ? ", " + lost + " lost" : "");
        boolean right = flows.stream().allMatch(measured -> measured.correct() == measured.sent());
        return paint(right, width.formatted(text));
    }

    private void row(String format, Object... cells) {
        out.println(format.formatted(cells).stripTrailing());
    }

    private String paint(boolean good, String text) {
        return color ? (good ? "\033[32m" : "\033[31m") + text + "\033[0m" : text;
    }

    private static String number(long n) {
        return String.format(Locale.ROOT, "%,d", n);
    }
}

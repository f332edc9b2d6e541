// SPDX-License-Identifier: Apache-2.0
package io.tsncni.testbed;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * What one run of the demo's talkers, without or with tsn-cni, came to.
 *
 * @param left packets by class of the qdisc, as it counts those that it has sent; also what was not the talkers'
 */
record DemoResult(List<Measured> flows, Qdisc qdisc, Map<Integer, Long> left) {
    static final int CLASSES = 16;

    private static final ObjectMapper JSON = new ObjectMapper();

    /** A flow, what its application sent, and what the NIC's qdisc saw of it. */
    record Measured(Flow flow, Sent talker, Seen seen) {
        /** An application hands TCP bytes, not packets: there it is the packets that the qdisc saw. */
        long sent() {
            return flow.tcp() ? seen.total() : talker.packets();
        }

        /** Seen in the class that they belong in. Lost packets are not seen, and so not correct. */
        long correct() {
            return seen.at(flow.expected());
        }
    }

    long sent(boolean attached) {
        return of(attached).stream().mapToLong(Measured::sent).sum();
    }

    long correct() {
        return of(true).stream().mapToLong(Measured::correct).sum();
    }

    /** Packets of the neighbour, which asked for no class, in a class above 0. */
    long elevated() {
        return of(false).stream()
                .mapToLong(measured -> measured.seen().aboveZero())
                .sum();
    }

    boolean allAttachedCorrect() {
        // A flow of which nothing arrived is not correct, TCP included.
        return correct() == sent(true)
                && flows.stream().allMatch(flow -> flow.seen().total() > 0);
    }

    long expectedIn(int trafficClass) {
        return flows.stream()
                .filter(measured -> measured.flow().expected() == trafficClass)
                .mapToLong(Measured::sent)
                .sum();
    }

    long seenIn(int trafficClass) {
        return flows.stream()
                .mapToLong(measured -> measured.seen().at(trafficClass))
                .sum();
    }

    /** Of the packets seen in a class, those that belong in it. */
    long rightlyIn(int trafficClass) {
        return flows.stream()
                .filter(measured -> measured.flow().expected() == trafficClass)
                .mapToLong(Measured::correct)
                .sum();
    }

    /** Packets that should leave by a class of the qdisc. */
    long expectedBy(int qdiscClass) {
        return flows.stream()
                .filter(measured -> qdisc.classOf(measured.flow().expected()) == qdiscClass)
                .mapToLong(Measured::sent)
                .sum();
    }

    long leftBy(int qdiscClass) {
        return left.getOrDefault(qdiscClass, 0L);
    }

    /** A packet in the wrong class is missing from its own. */
    boolean allLeftByTheirClass() {
        return IntStream.range(0, qdisc.classes()).allMatch(by -> leftBy(by) >= expectedBy(by));
    }

    ObjectNode toJson() {
        ObjectNode json = JSON.createObjectNode();
        json.putObject("attached").put("sent", sent(true)).put("correct", correct());
        json.putObject("neighbour").put("sent", sent(false)).put("elevated", elevated());
        var classes = json.putArray("classes");
        for (int i = 0; i < CLASSES; i++) {
            if (expectedIn(i) + seenIn(i) > 0) {
                classes.addObject()
                        .put("class", i)
                        .put("expected", expectedIn(i))
                        .put("seen", seenIn(i))
                        .put("correct", rightlyIn(i));
            }
        }
        var queues = json.putArray("qdiscClasses");
        for (int i = 0; i < qdisc.classes(); i++) {
            queues.addObject().put("class", i).put("expected", expectedBy(i)).put("left", leftBy(i));
        }
        var rows = json.putArray("flows");
        for (Measured measured : flows) {
            ObjectNode row = rows.addObject()
                    .put("pod", measured.flow().sender())
                    .put("protocol", measured.flow().tcp() ? "tcp" : "udp")
                    .put(
                            measured.flow().attached() ? "priority" : "tos",
                            measured.flow().ask())
                    .put("expected", measured.flow().expected())
                    .put("sent", measured.sent())
                    .put("correct", measured.correct());
            var seen = row.putObject("seen");
            for (int i = 0; i <= CLASSES; i++) {
                if (measured.seen().at(i) > 0) {
                    seen.put(
                            i < CLASSES ? Integer.toString(i) : "above",
                            measured.seen().at(i));
                }
            }
        }
        return json;
    }

    private List<Measured> of(boolean attached) {
        Predicate<Measured> wanted = measured -> measured.flow().attached() == attached;
        return flows.stream().filter(wanted).toList();
    }
}

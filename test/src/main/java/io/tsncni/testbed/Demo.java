// SPDX-License-Identifier: Apache-2.0
package io.tsncni.testbed;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Three pods talk, first without tsn-cni, then with it; the egress NIC's queue discipline is asked what it saw. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description = "Shows what tsn-cni does to the packets of pods. Needs root, changes nothing on this machine.")
public final class Demo implements Callable<Integer> {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int PORT_WITHOUT = EgressNic.FIRST_PORT + 100;
    private static final int PORT_WITH = EgressNic.FIRST_PORT + 200;

    private static final Duration GATES = Duration.ofSeconds(5);

    @Option(names = "--json", description = "print one JSON object and nothing else")
    private boolean json;

    @Option(names = "--color", hidden = true, description = "standard output is a terminal")
    private boolean color;

    public static void main(String[] args) {
        CommandLine.IExecutionExceptionHandler sayWhy = (failure, command, parsed) -> {
            System.err.println("demo: " + failure.getMessage());
            return 1;
        };
        System.exit(
                new CommandLine(new Demo()).setExecutionExceptionHandler(sayWhy).execute(args));
    }

    @Override
    public Integer call() {
        DemoReport report = json ? DemoReport.silent() : new DemoReport(System.out, color);
        Qdisc qdisc = Qdisc.best();
        String kernel = System.getProperty("os.version");
        report.introduction(kernel, qdisc);
        try (Node node = new Node(Artifacts.fromSystemProperties(), qdisc)) {
            report.phase("1 of 2: without tsn-cni");
            DemoResult without = run(node, Map.of(), DemoPlan.flows(PORT_WITHOUT));
            report.phase("2 of 2: with tsn-cni");
            node.agent().start();
            DemoResult with = run(
                    node,
                    Map.of(
                            DemoPlan.POD_A, tsn(node, DemoPlan.MAP_A),
                            DemoPlan.POD_B, tsn(node, DemoPlan.MAP_B)),
                    DemoPlan.flows(PORT_WITH));
            String carrier = node.agent().status().path("carrier").asText("unknown");
            if (json) {
                ObjectNode object = JSON.createObjectNode()
                        .put("kernel", kernel)
                        .put("carrier", carrier)
                        .put("qdisc", qdisc.toString());
                object.set("without", without.toJson());
                object.set("with", with.toJson());
                System.out.println(object);
            }
            return report.verdict(without, with, carrier) ? 0 : 1;
        }
    }

    private static ObjectNode tsn(Node node, Map<String, Integer> priorityMap) {
        return node.tsnEntry(JSON.valueToTree(priorityMap));
    }

    /** All pods at a time, each with one talker after the other. */
    private static DemoResult run(Node node, Map<String, ObjectNode> entries, List<Flow> flows) {
        EgressNic nic = node.nic();
        Map<String, Pod> pods = new LinkedHashMap<>();
        for (String sender : DemoPlan.SENDERS) {
            ObjectNode entry = entries.get(sender);
            String name = sender.replace(" ", "").toLowerCase(Locale.ROOT);
            Pod pod = entry == null ? node.addPod(name) : node.addPod(name, entry);
            pod.warmUp(nic, nic.address());
            pods.put(sender, pod);
        }
        Map<Integer, Long> before = nic.classes();
        List<CompletableFuture<List<DemoResult.Measured>>> senders = pods.entrySet().stream()
                .map(pod -> CompletableFuture.supplyAsync(() -> flows.stream()
                        .filter(flow -> flow.sender().equals(pod.getKey()))
                        .map(flow -> measure(flow, pod.getValue(), nic))
                        .toList()))
                .toList();
        List<DemoResult.Measured> measured =
                senders.stream().flatMap(sender -> sender.join().stream()).toList();
        Map<Integer, Long> left = leftSince(
                before,
                nic,
                measured.stream().mapToLong(DemoResult.Measured::sent).sum());
        pods.values().forEach(Pod::close);
        return new DemoResult(measured, nic.qdisc(), left);
    }

    /** What is in a queue when its talker has ended leaves when its gate opens next. */
    private static Map<Integer, Long> leftSince(Map<Integer, Long> before, EgressNic nic, long packets) {
        long deadline = System.nanoTime() + Patience.of(GATES).toNanos();
        while (true) {
            Map<Integer, Long> left = new TreeMap<>(nic.classes());
            before.forEach((by, count) -> left.merge(by, -count, Long::sum));
            if (left.values().stream().mapToLong(Long::longValue).sum() >= packets || System.nanoTime() > deadline) {
                return left;
            }
            Background.pause();
        }
    }

    private static DemoResult.Measured measure(Flow flow, Pod pod, EgressNic nic) {
        Sent sent = pod.talk(flow.talker(nic.address()).toArray(String[]::new));
        return new DemoResult.Measured(flow, sent, nic.seen(flow.port()));
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.testbed;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.linux.libbpf.BpfLink;
import io.tsncni.linux.libbpf.BpfObject;
import io.tsncni.linux.libbpf.BpfProgram;
import io.tsncni.linux.libbpf.BpfTestRun;
import io.tsncni.linux.netlink.RouteSocket;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * {@code ./tsn bench [--out DIRECTORY] [PART...]}: what it costs, measured here and now, as Markdown tables. Nothing is
 * judged by it.
 */
public final class Bench {
    private static final List<String> PARTS = List.of("programs", "agent", "meta", "datapath");
    private static final int REPEAT = 5_000_000;
    /** KERNEL_FORCE_SLOTS of stamp.h. */
    private static final byte FORCE_SLOTS = 8;

    private static final int ROUNDS = 5;
    private static final int ADDS = 100;

    private final Artifacts artifacts = Artifacts.fromSystemProperties();

    private Bench() {}

    public static void main(String[] arguments) throws Exception {
        Optional<Path> out = Optional.empty();
        Set<String> parts = new LinkedHashSet<>();
        for (Iterator<String> words = List.of(arguments).iterator(); words.hasNext(); ) {
            String word = words.next();
            if (word.equals("--out") && words.hasNext()) {
                out = Optional.of(Path.of(words.next()));
            } else if (PARTS.contains(word)) {
                parts.add(word);
            } else {
                System.err.println(
                        "tsn: bench " + word + ": not one of " + String.join(", ", PARTS) + ", --out DIRECTORY");
                System.exit(2);
            }
        }
        new Bench().run(parts.isEmpty() ? Set.copyOf(PARTS) : parts, out);
    }

    private void run(Set<String> parts, Optional<Path> out) throws Exception {
        String machine = "%s, %d CPUs, Linux %s, %s"
                .formatted(
                        processor(),
                        Runtime.getRuntime().availableProcessors(),
                        System.getProperty("os.version"),
                        LocalDate.now());
        if (!parts.equals(Set.of("datapath"))) {
            System.out.printf("%s%n%n| what | |%n|---|---|%n", machine);
        }
        if (parts.contains("programs")) {
            programs();
        }
        if (parts.contains("agent")) {
            agent();
        }
        if (parts.contains("meta")) {
            MetaBench meta = new MetaBench(artifacts);
            meta.runWithoutInterfaces();
            meta.run(1);
            meta.run(4);
        }
        if (parts.contains("datapath")) {
            datapath(machine, out);
        }
    }

    private void datapath(String machine, Optional<Path> out) throws IOException {
        DatapathBench.Result result = new DatapathBench(artifacts).run();
        String markdown = new DatapathReport(machine, result).markdown();
        System.out.println("\n" + markdown);
        if (out.isPresent()) {
            Files.createDirectories(out.get());
            Files.writeString(
                    out.get().resolve("datapath.md"),
                    "# Pod to NIC, measured\n\n`./tsn bench --out docs/benchmarks datapath`\n\n![chart](datapath.svg)\n\n"
                            + markdown + "\n");
            Files.writeString(out.get().resolve("datapath.svg"), DatapathChart.svg(machine, result));
        }
    }

    private static String processor() throws IOException {
        return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                .filter(line -> line.startsWith("model name"))
                .map(line -> line.substring(line.indexOf(':') + 2))
                .findFirst()
                .orElse("unknown processor");
    }

    private static void row(String what, String format, Object... values) {
        System.out.printf("| %s | %s |%n", what, String.format(format, values));
    }

    /** By BPF_PROG_RUN on one packet; each figure the median of rounds in which all take turns. */
    private void programs() throws IOException {
        byte[] rodata = {1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
        byte[] forced = rodata.clone();
        forced[12] = FORCE_SLOTS;
        try (BpfObject saver = BpfObject.open(artifacts.bpf("saver_cost")).initialValue(".rodata", rodata);
                BpfObject slots = BpfObject.open(artifacts.bpf("saver_cost")).initialValue(".rodata", forced);
                BpfObject restorer = BpfObject.open(artifacts.bpf("restorer_cost"))
                        .initialValue(".rodata", Arrays.copyOf(rodata, 12))) {
            saver.load();
            slots.load();
            restorer.load();
            Map<String, BpfObject> programs = Map.of(
                    "cost_empty", saver,
                    "cost_saver", saver,
                    "cost_saver with slots", slots,
                    "cost_unhash", saver,
                    "cost_saver_unhashed", saver,
                    "cost_stamp", restorer,
                    "cost_restorer", restorer);
            Map<String, List<Long>> nanos = new TreeMap<>();
            for (int round = 0; round < ROUNDS; round++) {
                for (Map.Entry<String, BpfObject> program : programs.entrySet()) {
                    BpfProgram run = program.getValue().program(program.getKey().split(" ")[0]);
                    nanos.computeIfAbsent(program.getKey(), name -> new ArrayList<>())
                            .add((long) BpfTestRun.run(run, packet(), Map.of(), REPEAT)
                                    .nanos());
                }
            }
            long empty = median(nanos.get("cost_empty"));
            long hashed = median(nanos.get("cost_saver")) - empty;
            long unhashed = median(nanos.get("cost_saver_unhashed")) - median(nanos.get("cost_unhash"));
            long restore = median(nanos.get("cost_restorer")) - median(nanos.get("cost_stamp"));
            row("an empty program", "%d ns", empty);
            row("saver, beyond an empty program; the socket gave a hash", "%d ns", hashed);
            row("saver, beyond an empty program; the flow is dissected", "%d ns", unhashed);
            row(
                    "saver with a slot for each packet, beyond an empty program",
                    "%d ns",
                    median(nanos.get("cost_saver with slots")) - empty);
            row("restorer, beyond an empty program", "%d ns", restore);
            row("saver and restorer, beyond two empty programs", "%d to %d ns", hashed + restore, unhashed + restore);
        }
    }

    /** UDP over IPv4 over Ethernet, 64 bytes of payload. */
    private static byte[] packet() {
        byte[] packet = new byte[14 + 20 + 8 + 64];
        packet[12] = 0x08;
        packet[14] = 0x45;
        packet[17] = (byte) (packet.length - 14);
        packet[22] = 64;
        packet[23] = 17;
        packet[26] = packet[30] = 10;
        packet[29] = 1;
        packet[33] = 2;
        packet[34] = packet[36] = 0x4e;
        packet[39] = 8 + 64;
        return packet;
    }

    private void agent() throws Exception {
        try (Node node = new Node(artifacts, Qdisc.HTB)) {
            long start = System.nanoTime();
            node.agent().start();
            row("agent, start to ready", "%.2f s", (System.nanoTime() - start) / 1e9);
            row("agent, resident when ready", "%.1f MB", residentMegabytes(node));
            // The NIC keeps its restorer, as on a node with pods.
            node.addPod("other", node.tsnEntry());
            Pod pod = node.addPod("pod", node.runtime(node.conflist("1.0.0")));
            row(
                    "shim, VERSION, 200 in a row",
                    "%s",
                    spread(stopwatch(node, pod, 200, "VERSION").get("VERSION")));
            stopwatch(node, pod, ADDS, "ADD", "DEL"); // warms the JVM up
            Map<String, List<Long>> micros = stopwatch(node, pod, ADDS, "ADD", "DEL");
            row("chained ADD, shim start to exit, 100 in a row", "%s", spread(micros.get("ADD")));
            row("DEL, between them", "%s", spread(micros.get("DEL")));
            if (node.agent().status().path("carrier").asText().equals("tcx")) {
                row("of an ADD, the kernel's tcx attach (it waits for an RCU grace period)", "%s", spread(attaches()));
            }
            row("agent, resident after 200 ADD and DEL", "%.1f MB", residentMegabytes(node));
        }
    }

    /** Runs the shim for a pod, with each command in turn. */
    private Map<String, List<Long>> stopwatch(Node node, Pod pod, int rounds, String... commands) throws IOException {
        ObjectNode conf = node.tsnEntry().put("cniVersion", "1.0.0").put("name", "pods");
        conf.putObject("prevResult").put("cniVersion", "1.0.0");
        Path input = Files.writeString(Files.createTempFile("bench", ".json"), conf.toString());
        Map<String, List<Long>> micros = new TreeMap<>();
        Shell.of(artifacts.stopwatch(), Integer.toString(rounds), input.toString())
                .and(artifacts.shim().toString())
                .and(commands)
                .with(node.agent().env())
                .with(pod.attachment().env())
                .run()
                .stdout()
                .lines()
                .map(line -> line.split(" "))
                .forEach(line -> micros.computeIfAbsent(line[0], command -> new ArrayList<>())
                        .add(Long.parseLong(line[1])));
        return micros;
    }

    /** The same system call, on a device of our own. */
    private List<Long> attaches() throws IOException {
        Shell.run("ip", "link", "add", "bench0", "type", "veth", "peer", "name", "bench1");
        List<Long> micros = new ArrayList<>();
        int ifIndex = RouteSocket.link("bench0").orElseThrow().index();
        try (BpfObject saver =
                BpfObject.open(artifacts.dist().resolve("bpf/saver.bpf.o")).load()) {
            for (int i = 0; i < ADDS; i++) {
                long start = System.nanoTime();
                try (BpfLink link = BpfLink.tcxEgress(saver.program("tsn_saver"), ifIndex)) {
                    micros.add((System.nanoTime() - start) / 1000);
                    link.detach();
                }
            }
        }
        return micros;
    }

    private static String spread(List<Long> micros) {
        return String.format(
                "median %.1f ms, p99 %.1f ms",
                median(micros) / 1e3, micros.stream().sorted().toList().get(micros.size() * 99 / 100 - 1) / 1e3);
    }

    private static double residentMegabytes(Node node) throws IOException {
        return Files.readAllLines(Path.of("/proc", Long.toString(node.agent().pid()), "status")).stream()
                        .filter(line -> line.startsWith("VmRSS:"))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                        .sum()
                / 1e3;
    }

    static long median(List<Long> values) {
        List<Long> sorted = new ArrayList<>(values);
        Collections.sort(sorted);
        return sorted.get(sorted.size() / 2);
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.testbed;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.linux.libbpf.BpfObject;
import io.tsncni.linux.libbpf.BpfTestRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;

/** {@code ./tsn bench}: what it costs, measured here and now, as a Markdown table. Nothing is judged by it. */
public final class Bench {
    private static final int REPEAT = 5_000_000;
    private static final int ROUNDS = 5;
    private static final int ADDS = 100;

    private final Artifacts artifacts = Artifacts.fromSystemProperties();

    private Bench() {}

    public static void main(String[] arguments) throws Exception {
        new Bench().run();
    }

    private void run() throws Exception {
        System.out.printf(
                "%s, %d CPUs, Linux %s, %s%n%n| what | |%n|---|---|%n",
                processor(),
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("os.version"),
                LocalDate.now());
        programs();
        shimVersion();
        agent();
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
        byte[] rodata = {1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0};
        try (BpfObject saver = BpfObject.open(artifacts.bpf("saver_cost")).initialValue(".rodata", rodata);
                BpfObject restorer = BpfObject.open(artifacts.bpf("restorer_cost"))
                        .initialValue(".rodata", Arrays.copyOf(rodata, 8))) {
            saver.load();
            restorer.load();
            Map<String, BpfObject> programs = Map.of(
                    "cost_empty", saver,
                    "cost_saver", saver,
                    "cost_unhash", saver,
                    "cost_saver_unhashed", saver,
                    "cost_stamp", restorer,
                    "cost_restorer", restorer);
            Map<String, List<Long>> nanos = new TreeMap<>();
            for (int round = 0; round < ROUNDS; round++) {
                for (Map.Entry<String, BpfObject> program : programs.entrySet()) {
                    nanos.computeIfAbsent(program.getKey(), name -> new ArrayList<>())
                            .add((long) BpfTestRun.run(
                                            program.getValue().program(program.getKey()), packet(), Map.of(), REPEAT)
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

    private void shimVersion() throws Exception {
        Shell version =
                Shell.of(artifacts.shim()).with("CNI_COMMAND", "VERSION").reading("{}");
        Shell nothing = Shell.of("/bin/true");
        List<Long> shim = new ArrayList<>();
        List<Long> base = new ArrayList<>();
        for (int i = 0; i < 2 * ADDS; i++) {
            shim.add(micros(version::run));
            base.add(micros(nothing::run));
        }
        row(
                "shim, VERSION, process start included; /bin/true beside it",
                "median %.1f ms; %.1f ms",
                median(shim) / 1e3,
                median(base) / 1e3);
    }

    private void agent() throws Exception {
        try (Node node = new Node(artifacts, Qdisc.HTB)) {
            long ready = micros(() -> {
                node.agent().start();
                return null;
            });
            row("agent, start to ready", "%.2f s", ready / 1e6);
            row("agent, resident when ready", "%.1f MB", residentMegabytes(node));
            Pod pod = node.addPod("pod", node.runtime(node.conflist("1.0.0")));
            // The NIC keeps its restorer, as on a node with pods.
            node.addPod("other", node.tsnEntry());
            ObjectNode previous = new ObjectMapper().createObjectNode().put("cniVersion", "1.0.0");
            List<Long> adds = new ArrayList<>();
            List<Long> dels = new ArrayList<>();
            for (int i = 0; i < 2 * ADDS; i++) {
                long add = micros(() -> pod.runtime().call("ADD", node.tsnEntry(), pod.attachment(), previous));
                long del = micros(() -> pod.runtime().call("DEL", node.tsnEntry(), pod.attachment(), null));
                if (i >= ADDS) { // the first half warms the JVM up
                    adds.add(add);
                    dels.add(del);
                }
            }
            row("chained ADD, shim start to exit, 100 in a row", "%s", spread(adds));
            row("DEL, the same", "%s", spread(dels));
            row("agent, resident after 200 ADD and DEL", "%.1f MB", residentMegabytes(node));
        }
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

    private static long micros(Callable<?> action) throws Exception {
        long start = System.nanoTime();
        action.call();
        return (System.nanoTime() - start) / 1000;
    }

    private static long median(List<Long> values) {
        List<Long> sorted = new ArrayList<>(values);
        Collections.sort(sorted);
        return sorted.get(sorted.size() / 2);
    }
}

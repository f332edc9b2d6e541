// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tsncni.testbed.Attachment;
import io.tsncni.testbed.CniRuntime;
import io.tsncni.testbed.Node;
import io.tsncni.testbed.Pod;
import io.tsncni.testbed.PodNetns;
import io.tsncni.testbed.Shell;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Pods come and go for a long time, and many at once. */
@RequiresRoot
class ChurnIT {
    /** What an agent process holds. */
    private record Held(long descriptors, long threads, long residentKiB) {
        static Held by(long pid) {
            try {
                return read(pid);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static Held read(long pid) throws IOException {
            Path proc = Path.of("/proc", Long.toString(pid));
            try (Stream<Path> descriptors = Files.list(proc.resolve("fd"))) {
                return new Held(descriptors.count(), number(proc, "Threads:"), number(proc, "VmRSS:"));
            }
        }

        private static long number(Path proc, String key) throws IOException {
            return Files.readAllLines(proc.resolve("status")).stream()
                    .filter(line -> line.startsWith(key))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** Our programs and maps, wherever they are held, and the namespaces of pods. */
    private record Kernel(long programs, long maps, long namespaces) {
        static Kernel now() {
            return new Kernel(
                    count("prog", "tsn_saver", "tsn_restorer"),
                    count("map", "saver_stats", "policy", "restorer_stats", "nic"),
                    Shell.run("ip", "netns", "list").stdout().lines().count());
        }

        /** Others on this machine may have some, and lose them meanwhile. */
        boolean isAtMost(Kernel other) {
            return programs <= other.programs && maps <= other.maps && namespaces <= other.namespaces;
        }

        private static long count(String kind, String... names) {
            return Nodes.json(Shell.run("bpftool", "-j", kind, "show").stdout()).findValuesAsText("name").stream()
                    .filter(List.of(names)::contains)
                    .count();
        }
    }

    @Test
    void fiveHundredInARowAndFortyAtOnceLeaveNothing() throws Exception {
        try (Node node = Nodes.started()) {
            Pod pod = node.addPod("pod", node.runtime(node.conflist("1.0.0")));
            CniRuntime runtime = pod.runtime();
            Kernel kernel = Kernel.now();
            // As many at once as later: each thread of the agent's takes memory of its own, once.
            cycle(node, runtime, pod.attachment(), 100);
            atOnce(node, runtime, 40);
            Held before = Held.by(node.agent().pid());

            cycle(node, runtime, pod.attachment(), 500);
            Leftovers.assertNone(node);
            atOnce(node, runtime, 40);
            Leftovers.assertNone(node);

            Held after = Held.by(node.agent().pid());
            assertTrue(after.descriptors() <= before.descriptors(), before + " became " + after);
            // Those of the pool wait 5 s for more work; one may be the server's next.
            Eventually.assertTrue(
                    Duration.ofSeconds(20),
                    () -> Held.by(node.agent().pid()).threads() <= before.threads() + 1,
                    "more threads than before: " + before + " became " + after);
            Eventually.assertTrue(
                    Duration.ofSeconds(20),
                    () -> Kernel.now().isAtMost(kernel),
                    "the kernel keeps more than " + kernel);
            assertTrue(after.residentKiB() < before.residentKiB() + 16 * 1024, before + " became " + after);
        }
    }

    private static void cycle(Node node, CniRuntime runtime, Attachment attachment, int times) {
        for (int i = 0; i < times; i++) {
            runtime.call("ADD", node.tsnEntry(), attachment, Nodes.json("{\"cniVersion\": \"1.0.0\"}"));
            runtime.call("DEL", node.tsnEntry(), attachment, null);
        }
    }

    /** Each in a namespace of its own; DELs run while other ADDs do. */
    private static void atOnce(Node node, CniRuntime runtime, int count) throws Exception {
        List<PodNetns> namespaces = new ArrayList<>();
        ExecutorService callers = Executors.newFixedThreadPool(count);
        try {
            for (int i = 0; i < count; i++) {
                PodNetns netns = PodNetns.create("churn");
                namespaces.add(netns);
                Shell.of("ip", "link", "add", "eth0", "netns", netns.name(), "type", "veth", "peer", "name")
                        .and("churn" + i)
                        .run();
            }
            List<Future<?>> calls = new ArrayList<>();
            for (PodNetns netns : namespaces) {
                Attachment attachment = new Attachment(netns.name(), netns);
                calls.add(callers.submit(() -> cycle(node, runtime, attachment, 1)));
            }
            for (Future<?> call : calls) {
                call.get();
            }
        } finally {
            callers.shutdownNow();
            namespaces.forEach(PodNetns::close);
        }
    }
}

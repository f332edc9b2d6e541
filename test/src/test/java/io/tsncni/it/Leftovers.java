// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tsncni.testbed.Node;
import io.tsncni.testbed.Shell;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Everything that an attachment makes on a node: pins, records, spooled requests, filters. */
record Leftovers(Set<String> pins, Set<String> records, Set<String> spooled, String filters) {
    static Leftovers of(Node node) {
        return new Leftovers(
                files(node.agent().bpffs()),
                files(node.agent().stateDir().resolve("attachments")),
                files(node.agent().stateDir().resolve("spool")),
                filters(node));
    }

    /** What an agent that serves nobody has. */
    static void assertNone(Node node) {
        Set<String> idle = Set.of(
                "tsn", "tsn/cursors", "tsn/identity", "tsn/layout", "tsn/nics", "tsn/peers", "tsn/savers", "tsn/slots");
        assertEquals(new Leftovers(new TreeSet<>(idle), Set.of(), Set.of(), ""), of(node));
    }

    /** {@link #assertNone}, and no address that a delegate has given away. */
    static void assertNoneOfDelegates(Node node) {
        assertNone(node);
        assertEquals(Set.of(), node.reservations());
    }

    /** The kernel ids of the programs that are pinned now. */
    static List<Integer> programIds(Node node) {
        return files(node.agent().bpffs()).stream()
                .filter(pin -> pin.endsWith("/program"))
                .map(pin -> Shell.of("bpftool", "-j", "prog", "show", "pinned")
                        .and(node.agent().bpffs().resolve(pin).toString())
                        .run())
                .map(shown -> Nodes.json(shown.stdout()).required("id").asInt())
                .toList();
    }

    /** That these programs are gone from the kernel, which frees them a moment after the last reference. */
    static void assertFreed(List<Integer> programIds) {
        for (int id : programIds) {
            Eventually.assertTrue(
                    Duration.ofSeconds(5),
                    () -> Shell.of("bpftool", "prog", "show", "id", Integer.toString(id))
                                    .attempt()
                                    .exit()
                            != 0,
                    "program " + id + " is still loaded");
        }
    }

    private static String filters(Node node) {
        return Shell.of("tc", "filter", "show", "dev", node.nic().name(), "egress")
                .attempt()
                .stdout();
    }

    private static Set<String> files(Path directory) {
        if (!Files.exists(directory)) {
            return Set.of();
        }
        try (Stream<Path> tree = Files.walk(directory)) {
            Set<String> names = new TreeSet<>();
            tree.filter(path -> !path.equals(directory))
                    .forEach(path -> names.add(directory.relativize(path).toString()));
            return names;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

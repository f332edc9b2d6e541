// SPDX-License-Identifier: Apache-2.0
package io.tsncni.testbed;

import io.tsncni.linux.libbpf.BpfObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A node full of pods that send whatever there is, and that loses some of it on the way; by one variant. */
final class CrowdNode implements AutoCloseable {
    /** crowd.c sends to it what is to be lost. */
    private static final int DROPPED_PORT = 20_100;

    private static final Pattern COUNTED = Pattern.compile("counter packets (\\d+)");
    private static final AutoCloseable NOTHING = () -> {};

    private final Artifacts artifacts;
    private final Variant variant;
    private final Node node;
    private final BpfObject watcher;
    private final Path pin = Path.of("/sys/fs/bpf", RandomName.of("crowd-"));
    private final Optional<AddressMap> map;
    private final AutoCloseable restorer;
    private final String table = RandomName.of("crowd");
    private final AtomicInteger senders = new AtomicInteger();

    CrowdNode(Artifacts artifacts, Variant variant) throws IOException {
        this.artifacts = artifacts;
        this.variant = variant;
        node = new Node(artifacts, Qdisc.HTB);
        watcher = BpfObject.open(artifacts.bpf("crowd")).load();
        watcher.program("crowd_classify").pin(pin);
        if (variant == Variant.ADDRESS_MAP) {
            map = Optional.of(new AddressMap(artifacts));
            restorer = EgressHook.attach(map.get().restorer(), node.nic().name());
        } else {
            map = Optional.empty();
            restorer = NOTHING;
            node.agent().start();
        }
        loseSome();
        node.nic().classifyBy(pin);
    }

    /** Behind the savers and before the restorer: all to one port, and one segment in 200, so that TCP sends again. */
    private void loseSome() {
        String rules =
                """
                table ip %1$s {
                    chain lose {
                        type filter hook forward priority filter
                        oifname %2$s udp dport %3$d counter drop
                        oifname %2$s meta l4proto tcp numgen random mod 200 0 counter drop
                    }
                }
                """;
        Shell.of("nft", "-f", "-")
                .reading(rules.formatted(table, node.nic().name(), DROPPED_PORT))
                .run();
    }

    /** A pod with a crowd in it. */
    final class Member implements AutoCloseable {
        private final Pod pod;
        private final AutoCloseable saver;
        private final Background crowd;

        private Member(boolean attached) throws IOException {
            boolean ours = attached && map.isEmpty();
            pod = ours ? node.addPod("member", node.tsnEntry()) : node.addPod("member");
            saver = attached && map.isPresent() ? EgressHook.attach(map.get().saver(), pod) : NOTHING;
            crowd = pod.netns()
                    .command(artifacts.crowd().toString(), node.nic().address())
                    .and(Integer.toString(senders.incrementAndGet()), attached ? "attached" : "neighbour")
                    .start();
        }

        /** The crowd first, and what TCP still has under way: only then may the saver go. */
        @Override
        public void close() throws IOException {
            crowd.stop();
            try {
                Thread.sleep(200);
                pod.close();
                saver.close();
            } catch (Exception e) {
                throw new IOException("removing " + pod, e);
            }
        }
    }

    Member add(boolean attached) throws IOException {
        return new Member(attached);
    }

    CrowdTally tally() throws IOException {
        return CrowdTally.sum(watcher.map("tally").getPerCpu(0));
    }

    /** Packets that had a saver behind them, or none, and never came to the NIC. */
    long dropped() {
        Matcher counters =
                COUNTED.matcher(Shell.run("nft", "list", "table", "ip", table).stdout());
        return counters.results()
                .mapToLong(counter -> Long.parseLong(counter.group(1)))
                .sum();
    }

    String remark() {
        return map.map(AddressMap::tracking).orElse("");
    }

    @Override
    public String toString() {
        return variant.toString();
    }

    @Override
    public void close() throws IOException {
        try (node) {
            Shell.of("nft", "delete", "table", "ip", table).attempt();
            restorer.close();
            map.ifPresent(AddressMap::close);
            Files.deleteIfExists(pin);
            watcher.close();
        } catch (IOException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException("closing the node of " + variant, e);
        }
    }
}

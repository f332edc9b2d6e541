// SPDX-License-Identifier: Apache-2.0
package io.tsncni.testbed;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * {@code ./tsn test --soak [MILLIONS [MINUTES]]}: so many packets of pods that come and go, with drops on the way, NAT,
 * fragments, segments, retransmissions and neighbours who have no business above class 0; at most so long. None may leave
 * with a priority that is not its own. The address-map algorithm under the same load, at the same time, to compare with.
 */
public final class CrowdSoak {
    private static final int ATTACHED = 2;
    private static final int NEIGHBOURS = 2;
    private static final int STAY_MILLIS = 3000;

    private final long millions;
    private final long minutes;
    private volatile boolean over;

    private CrowdSoak(long millions, long minutes) {
        this.millions = millions;
        this.minutes = minutes;
    }

    public static void main(String[] arguments) throws Exception {
        long millions = arguments.length > 0 ? Long.parseLong(arguments[0]) : 100;
        long minutes = arguments.length > 1 ? Long.parseLong(arguments[1]) : 30;
        System.exit(new CrowdSoak(millions, minutes).run() ? 0 : 1);
    }

    private boolean run() throws Exception {
        Artifacts artifacts = Artifacts.fromSystemProperties();
        long seed = System.nanoTime();
        System.out.printf("soak: %d million packets, at most %d minutes, seed %d%n", millions, minutes, seed);
        try (CrowdNode ours = new CrowdNode(artifacts, Variant.TSN);
                CrowdNode theirs = new CrowdNode(artifacts, Variant.ADDRESS_MAP)) {
            ExecutorService threads = Executors.newCachedThreadPool();
            List<Future<?>> pods = new ArrayList<>();
            for (CrowdNode node : List.of(ours, theirs)) {
                for (int i = 0; i < ATTACHED + NEIGHBOURS; i++) {
                    boolean attached = i < ATTACHED;
                    Random random = new Random(seed + i);
                    pods.add(threads.submit(() -> {
                        comeAndGo(node, attached, random);
                        return null;
                    }));
                }
            }
            awaitEnd(ours, pods);
            over = true;
            for (Future<?> pod : pods) {
                pod.get();
            }
            threads.shutdown();
            return report(ours, theirs);
        }
    }

    /** One pod after another in the same place. */
    private void comeAndGo(CrowdNode node, boolean attached, Random random) throws IOException, InterruptedException {
        while (!over) {
            CrowdNode.Member member = node.add(attached);
            Thread.sleep(500 + random.nextInt(STAY_MILLIS));
            member.close();
        }
    }

    private void awaitEnd(CrowdNode ours, List<Future<?>> pods) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(minutes);
        while (System.nanoTime() < deadline
                && ours.tally().judged() < millions * 1_000_000
                && pods.stream().noneMatch(Future::isDone)) {
            Thread.sleep(500);
        }
    }

    private static boolean report(CrowdNode ours, CrowdNode theirs) throws IOException {
        System.out.printf(
                "%n| | packets | their own priority | none, though they asked for one | another's | dropped on the way |"
                        + "%n|---|---|---|---|---|---|%n");
        for (CrowdNode node : List.of(ours, theirs)) {
            CrowdTally tally = node.tally();
            System.out.printf(
                    "| %s | %d | %d | %d | %d | %d |%n",
                    node, tally.judged(), tally.own(), tally.lost(), tally.foreign(), node.dropped());
        }
        System.out.printf("%naddress map: %s%n", theirs.remark());
        CrowdTally tally = ours.tally();
        return tally.own() > 0 && tally.lost() == 0 && tally.foreign() == 0;
    }
}

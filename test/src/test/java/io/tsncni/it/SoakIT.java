// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.testbed.ApiServer;
import io.tsncni.testbed.Artifacts;
import io.tsncni.testbed.Attachment;
import io.tsncni.testbed.CniFailure;
import io.tsncni.testbed.CniRuntime;
import io.tsncni.testbed.Node;
import io.tsncni.testbed.PodNetns;
import io.tsncni.testbed.Qdisc;
import io.tsncni.testbed.Shell;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Pods with up to four networks beside the first come and go at random while the agent is killed again and again. For
 * {@code -Dtsn.soak=SECONDS}; a few without it.
 */
@RequiresRoot
class SoakIT {
    private static final int NETWORKS = 4;
    private static final int CALLERS = 4;
    private static final int SECONDS = Integer.getInteger("tsn.soak", 20);

    private final AtomicInteger added = new AtomicInteger();
    private final AtomicInteger refused = new AtomicInteger();
    private final AtomicInteger kills = new AtomicInteger();

    @Test
    void whateverIsKilledWheneverNothingIsLeft() throws Exception {
        long seed = System.nanoTime();
        System.out.println("soak: " + SECONDS + " s, seed " + seed);
        try (ApiServer api = ApiServer.started();
                Node node = new Node(Artifacts.fromSystemProperties(), Qdisc.HTB)) {
            for (int i = 1; i <= NETWORKS; i++) {
                api.nad("plant", "net-" + i, node.bridgeNetwork("net-" + i));
            }
            BlockingQueue<String> pods = new LinkedBlockingQueue<>();
            for (int i = 0; i < 8 * (NETWORKS + 1); i++) {
                String annotation = IntStream.rangeClosed(1, i % (NETWORKS + 1))
                        .mapToObj(network -> "net-" + network)
                        .collect(Collectors.joining(","));
                api.pod("plant", "pod-" + i, Map.of("k8s.v1.cni.cncf.io/networks", annotation));
                pods.add("pod-" + i);
            }
            node.agent().follow(api);
            node.agent().start();
            long veths = veths();
            long deadline = System.nanoTime() + Duration.ofSeconds(SECONDS).toNanos();
            ExecutorService threads = Executors.newFixedThreadPool(CALLERS);
            List<Future<?>> callers = new ArrayList<>();
            for (int i = 0; i < CALLERS; i++) {
                Random random = new Random(seed + i);
                callers.add(threads.submit(() -> {
                    while (System.nanoTime() < deadline) {
                        aPod(pods, node, random);
                    }
                    return null;
                }));
            }
            Random random = new Random(seed - 1);
            while (System.nanoTime() < deadline) {
                Thread.sleep(500 + random.nextInt(3000));
                node.agent().kill();
                kills.incrementAndGet();
                Thread.sleep(random.nextInt(300));
                node.agent().start();
            }
            for (Future<?> caller : callers) {
                caller.get();
            }
            threads.shutdown();
            System.out.println("soak: " + added + " ADDs, " + refused + " cut off, " + kills + " kills");
            assertTrue(added.get() > 0 && kills.get() > 0);
            Leftovers.assertNoneOfDelegates(node);
            assertEquals(veths, veths());
        }
    }

    private void aPod(BlockingQueue<String> pods, Node node, Random random) throws InterruptedException {
        String pod = pods.take();
        try (PodNetns netns = PodNetns.create("soak")) {
            CniRuntime runtime =
                    node.runtime(random.nextBoolean() ? meta(node) : node.conflist("1.0.0", node.tsnEntry()));
            Attachment attachment = new Attachment(netns.name(), netns)
                    .args("IgnoreUnknown=1;K8S_POD_NAMESPACE=plant;K8S_POD_NAME=" + pod);
            try {
                runtime.add(attachment);
                added.incrementAndGet();
                if (random.nextBoolean()) {
                    runtime.check(attachment);
                }
            } catch (CniFailure e) {
                assertTrue(e.code() == 11, "only a killed agent may fail a pod: " + e);
                refused.incrementAndGet();
            }
            del(runtime, attachment);
        } finally {
            pods.put(pod);
        }
    }

    /** As a runtime does: until it succeeds. */
    private static void del(CniRuntime runtime, Attachment attachment) {
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (true) {
            try {
                runtime.del(attachment);
                return;
            } catch (CniFailure e) {
                if (System.nanoTime() > deadline) {
                    throw e;
                }
            }
        }
    }

    private static ObjectNode meta(Node node) {
        ObjectNode conflist =
                Nodes.JSON.createObjectNode().put("cniVersion", "1.0.0").put("name", "meta");
        ObjectNode tsn = node.tsnEntry();
        tsn.putArray("delegates")
                .add(node.bridgeEntry().put("cniVersion", "1.0.0").put("name", "pods"));
        conflist.putArray("plugins").add(tsn);
        return conflist;
    }

    private static long veths() {
        return Shell.run("ip", "-o", "link", "show", "type", "veth")
                .stdout()
                .lines()
                .count();
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.testbed.CniFailure;
import io.tsncni.testbed.CniRuntime;
import io.tsncni.testbed.Pod;
import io.tsncni.testbed.PodNetns;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An API server that is slow, or away: who needs it says so in bounded time, and nobody else waits for it. */
@RequiresRoot
class ApiServerAwayIT {
    /** Not a measurement: far less than any wait for an API server, far more than a busy machine needs. */
    private static final Duration AT_ONCE = Duration.ofSeconds(5);

    private static final Duration BOUND = Duration.ofSeconds(20);

    private static void within(Duration bound, Runnable action) {
        long start = System.nanoTime();
        action.run();
        Duration took = Duration.ofNanos(System.nanoTime() - start);
        assertTrue(took.compareTo(bound) < 0, "took " + took.toMillis() + " ms");
    }

    private static String args(MetaNode meta) {
        return meta.inCluster("plc", "");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aChainedEntryNeedsNoApiServer(boolean fromTheStart) {
        try (MetaNode meta = MetaNode.started();
                PodNetns netns = PodNetns.create("pod")) {
            String args = args(meta);
            meta.api().stop();
            if (fromTheStart) {
                meta.node().agent().kill();
                meta.node().agent().start();
            }
            ObjectNode entry = meta.node().tsnEntry(Nodes.json("{\"3\": 5}"));
            CniRuntime runtime = meta.node().runtime(meta.node().conflist("1.0.0", entry));
            within(AT_ONCE, () -> runtime.add(meta.attachment(netns, args)));
            within(AT_ONCE, () -> runtime.check(meta.attachment(netns, args)));
            within(AT_ONCE, () -> runtime.del(meta.attachment(netns, args)));
            Leftovers.assertNoneOfDelegates(meta.node());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aMetaPluginsAddSaysWhatItHasWaitedForAndLeavesNothing(boolean fromTheStart) {
        try (MetaNode meta = MetaNode.started();
                PodNetns netns = PodNetns.create("pod")) {
            meta.api().stop();
            if (fromTheStart) {
                meta.node().agent().kill();
                meta.node().agent().start();
            }
            CniRuntime runtime = meta.runtime();
            String args = MetaNode.args(MetaNode.NAMESPACE, "plc", "some-uid");
            within(BOUND, () -> {
                CniFailure failure = assertThrows(CniFailure.class, () -> runtime.add(meta.attachment(netns, args)));
                assertEquals(11, failure.code());
                assertTrue(failure.msg().contains("pod plant/plc: waited "), failure.msg());
                assertTrue(failure.msg().contains("API server at https://127.0.0.1:"), failure.msg());
                assertTrue(failure.msg().contains("; last: "), failure.msg());
            });
            within(AT_ONCE, () -> runtime.del(meta.attachment(netns, args)));
            assertEquals(List.of(), MetaNode.interfaces(netns));
            Leftovers.assertNoneOfDelegates(meta.node());
        }
    }

    @Test
    void aRunningPodsCheckAndDelNeedNoApiServer() {
        try (MetaNode meta = MetaNode.started()) {
            meta.api().nad(MetaNode.NAMESPACE, "bridge", meta.node().bridgeNetwork("bridge"));
            Pod pod = meta.addPod(meta.runtime(), "plc", "bridge");
            meta.api().stop();
            meta.node().agent().kill();
            meta.node().agent().start();
            within(AT_ONCE, () -> pod.runtime().check(pod.attachment()));
            within(AT_ONCE, pod::del);
            Leftovers.assertNoneOfDelegates(meta.node());
        }
    }

    @Test
    void anApiServerThatComesBackIsUsedAgain() {
        try (MetaNode meta = MetaNode.started()) {
            meta.api().stop();
            meta.node().agent().kill();
            meta.node().agent().start();
            meta.api().start();
            meta.api().nad(MetaNode.NAMESPACE, "second", Witness.network("second"));
            Pod pod = meta.addPod(meta.runtime(), "plc", "second");
            assertEquals(List.of("master eth0", "plant/second net1"), meta.statusOf("plc"));
            pod.del();
        }
    }

    @Test
    void aSlowApiServerIsWaitedFor() {
        try (MetaNode meta = MetaNode.started()) {
            meta.api().nad(MetaNode.NAMESPACE, "second", Witness.network("second"));
            String args = meta.inCluster("plc", Map.of(MetaNode.NETWORKS, "second"));
            meta.node().agent().kill();
            meta.api().slow(Duration.ofSeconds(5));
            meta.node().agent().start();
            Pod pod = meta.node().addPod("pod", meta.runtime(), args);
            assertEquals(List.of("master eth0", "plant/second net1"), meta.statusOf("plc"));
            within(AT_ONCE, pod::del);
            Leftovers.assertNoneOfDelegates(meta.node());
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tsncni.testbed.CniFailure;
import io.tsncni.testbed.CniRuntime;
import io.tsncni.testbed.Pod;
import io.tsncni.testbed.PodNetns;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** The networks of a pod at once or in order, and many pods at once. */
@RequiresRoot
class MetaParallelIT {
    private static void rendezvous(MetaNode meta, int timesFiftyMillis) {
        meta.api().nad(MetaNode.NAMESPACE, "second", Witness.network("second"));
        String all = Witness.awaiting(timesFiftyMillis, "net1", "net2", "net3");
        meta.witness().on("ADD", "touch $CNI_IFNAME\n" + all);
    }

    @Test
    void theSecondaryNetworksOfAPodAreAttachedAtTheSameTime() {
        try (MetaNode meta = MetaNode.started()) {
            rendezvous(meta, 200);
            Pod pod = meta.addPod(meta.runtime(), "plc", "second,second,second");
            assertEquals(3, meta.witness().calls("ADD").size());
            pod.del();
            Leftovers.assertNoneOfDelegates(meta.node());
        }
    }

    @Test
    void withoutParallelTheyAreNot() {
        try (MetaNode meta = MetaNode.started();
                PodNetns netns = PodNetns.create("pod")) {
            rendezvous(meta, 10);
            String args = meta.inCluster("plc", "second,second,second");
            CniRuntime runtime = meta.runtime(meta.meta(meta.master()).put("parallel", false));
            assertThrows(CniFailure.class, () -> runtime.add(meta.attachment(netns, args)));
            assertEquals(1, meta.witness().calls("ADD").size());
            Leftovers.assertNoneOfDelegates(meta.node());
        }
    }

    @Test
    void withoutParallelTheyAreAttachedInOrder() {
        try (MetaNode meta = MetaNode.started()) {
            meta.api().nad(MetaNode.NAMESPACE, "second", Witness.network("second"));
            // Each needs all before it to have ended.
            meta.witness().on("ADD-net2", Witness.awaiting(1, "ended-net1"));
            meta.witness().on("ADD-net3", Witness.awaiting(1, "ended-net2"));
            meta.witness().on("ADD", "touch ended-$CNI_IFNAME");
            meta.addPod(meta.runtime(meta.meta(meta.master()).put("parallel", false)), "plc", "second,second,second");
            assertEquals(
                    List.of("ADD net1", "ADD net2", "ADD net3"),
                    meta.witness().calls("ADD").stream()
                            .map(Witness.Call::toString)
                            .toList());
        }
    }

    @Test
    void theOrderStaysTheAnnotationsWhenTheyEndInReverse() {
        try (MetaNode meta = MetaNode.started()) {
            meta.api().nad(MetaNode.NAMESPACE, "a", Witness.network("a"));
            meta.api().nad(MetaNode.NAMESPACE, "b", Witness.network("b"));
            meta.api().nad(MetaNode.NAMESPACE, "c", Witness.network("c"));
            meta.witness().on("ADD-net1", Witness.awaiting(200, "ended-net2"));
            meta.witness().on("ADD-net2", Witness.awaiting(200, "ended-net3"));
            meta.witness().on("ADD", "touch ended-$CNI_IFNAME");
            Pod pod = meta.addPod(meta.runtime(), "plc", "c,a,b");
            assertEquals(List.of("master eth0", "plant/c net1", "plant/a net2", "plant/b net3"), meta.statusOf("plc"));
            for (int i = 1; i <= 3; i++) {
                assertEquals(
                        "192.0.2.1" + i,
                        meta.status("plc").at("/" + i + "/ips/0").asText());
            }
            assertEquals(
                    List.of("master", "plant/c", "plant/a", "plant/b"),
                    meta.node().agent().status().at("/attachments/0/delegates").findValuesAsText("network"));
            pod.del();
        }
    }

    @Test
    void fortyPodsAtOnceAllGetTheirNetworksAndLeaveNothing() throws Exception {
        int pods = 40;
        ExecutorService threads = Executors.newFixedThreadPool(pods);
        List<PodNetns> netns = new ArrayList<>();
        try (MetaNode meta = MetaNode.started()) {
            meta.api().nad(MetaNode.NAMESPACE, "second", meta.node().bridgeNetwork("second"));
            CniRuntime runtime = meta.runtime();
            List<String> args = new ArrayList<>();
            for (int i = 0; i < pods; i++) {
                netns.add(PodNetns.create("pod"));
                args.add(meta.inCluster("plc" + i, "second"));
            }
            List<Future<?>> added = new ArrayList<>();
            for (int i = 0; i < pods; i++) {
                int pod = i;
                added.add(threads.submit(() -> runtime.add(meta.attachment(netns.get(pod), args.get(pod)))));
            }
            for (Future<?> one : added) {
                one.get();
            }
            for (int i = 0; i < pods; i++) {
                assertEquals(List.of("eth0", "net1"), MetaNode.interfaces(netns.get(i)));
                assertEquals(List.of("master eth0", "plant/second net1"), meta.statusOf("plc" + i));
            }
            assertEquals(3 * pods, meta.node().reservations().size());
            List<Future<?>> gone = new ArrayList<>();
            for (int i = 0; i < pods; i++) {
                int pod = i;
                gone.add(threads.submit(() -> runtime.del(meta.attachment(netns.get(pod), args.get(pod)))));
            }
            for (Future<?> one : gone) {
                one.get();
            }
            for (PodNetns one : netns) {
                assertEquals(List.of(), MetaNode.interfaces(one));
            }
            Leftovers.assertNoneOfDelegates(meta.node());
        } finally {
            threads.shutdown();
            netns.forEach(PodNetns::close);
        }
    }
}

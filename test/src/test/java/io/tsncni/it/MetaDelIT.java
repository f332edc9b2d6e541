// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.testbed.CniFailure;
import io.tsncni.testbed.CniRuntime;
import io.tsncni.testbed.Pod;
import io.tsncni.testbed.PodNetns;
import io.tsncni.testbed.Shell;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** DEL of a pod with networks, whatever has become of everything else since its ADD. */
@RequiresRoot
class MetaDelIT {
    /** The master, a bridge, and the witness as net2. */
    private static Pod pod(MetaNode meta) {
        meta.api().nad(MetaNode.NAMESPACE, "bridge", meta.node().bridgeNetwork("bridge"));
        meta.api().nad(MetaNode.NAMESPACE, "second", Witness.network("second").put("mine", "recorded"));
        return meta.addPod(meta.runtime(), "plc", "bridge,second");
    }

    private enum Loss {
        NOTHING {
            @Override
            void happen(MetaNode meta, Pod pod) {}
        },
        API_SERVER {
            @Override
            void happen(MetaNode meta, Pod pod) {
                meta.api().stop();
            }
        },
        NAMESPACE {
            @Override
            void happen(MetaNode meta, Pod pod) {
                pod.netns().close();
            }
        },
        AGENT {
            @Override
            void happen(MetaNode meta, Pod pod) {
                meta.node().agent().kill();
                meta.node().agent().start();
            }
        },
        POD {
            @Override
            void happen(MetaNode meta, Pod pod) {
                meta.api().deletePod(MetaNode.NAMESPACE, "plc");
            }
        },
        DEFINITIONS {
            @Override
            void happen(MetaNode meta, Pod pod) {
                meta.api().deleteNad(MetaNode.NAMESPACE, "bridge");
                ObjectNode changed = Witness.network("other").put("mine", "changed");
                meta.api().updateNad(MetaNode.NAMESPACE, "second", changed.toString());
            }
        },
        API_SERVER_AND_AGENT {
            @Override
            void happen(MetaNode meta, Pod pod) {
                meta.api().stop();
                AGENT.happen(meta, pod);
            }
        },
        RECORD {
            @Override
            void happen(MetaNode meta, Pod pod) {
                meta.node().agent().stop();
                Shell.run(
                        "rm",
                        "-r",
                        meta.node().agent().stateDir().resolve("attachments").toString());
                meta.node().agent().start();
            }
        };

        abstract void happen(MetaNode meta, Pod pod);
    }

    @ParameterizedTest
    @EnumSource
    void delLeavesNothingAfterTheLossOf(Loss loss) {
        try (MetaNode meta = MetaNode.started()) {
            Pod pod = pod(meta);
            assertEquals(3, meta.node().reservations().size());
            loss.happen(meta, pod);
            if (loss == Loss.RECORD) {
                // What is known of the pod is enough, and an ADD of another pod shows that it is known.
                meta.addPod(meta.runtime(meta.meta(Witness.network("first"))), "other", "")
                        .del();
            }
            pod.runtime().del(pod.attachment());
            Witness.Call del = meta.witness().calls("DEL").stream()
                    .filter(call -> call.ifName().equals("net2"))
                    .findFirst()
                    .orElseThrow();
            assertEquals("recorded", del.conf().path("mine").asText());
            assertEquals("second", del.conf().path("name").asText());
            if (loss != Loss.NAMESPACE) {
                assertEquals(List.of(), MetaNode.interfaces(pod.netns()));
            }
            Leftovers.assertNoneOfDelegates(meta.node());

            pod.del();
            Leftovers.assertNoneOfDelegates(meta.node());
        }
    }

    @Test
    void anAgentThatIsKilledDuringAnAddLeavesNothingAfterTheDel() {
        try (MetaNode meta = MetaNode.started();
                PodNetns netns = PodNetns.create("pod")) {
            meta.api().nad(MetaNode.NAMESPACE, "bridge", meta.node().bridgeNetwork("bridge"));
            meta.api().nad(MetaNode.NAMESPACE, "second", Witness.network("second"));
            meta.witness().on("ADD", "touch reached\nsleep 2");
            String args = meta.inCluster("plc", "bridge,second");
            CniRuntime runtime = meta.runtime(meta.meta(meta.master()).put("parallel", false));
            CompletableFuture<Object> add =
                    CompletableFuture.supplyAsync(() -> runtime.add(meta.attachment(netns, args)));
            Eventually.assertTrue(
                    Duration.ofSeconds(10), () -> meta.witness().has("reached"), "the plugin does not run");
            meta.node().agent().kill();
            CompletionException failure = assertThrows(CompletionException.class, add::join);
            assertTrue(failure.getCause() instanceof CniFailure, failure.toString());
            assertEquals(11, ((CniFailure) failure.getCause()).code(), failure.toString());
            assertEquals(List.of("eth0", "net1"), MetaNode.interfaces(netns));
            assertFalse(Leftovers.of(meta.node()).records().isEmpty());

            meta.node().agent().start();
            runtime.del(meta.attachment(netns, args));
            assertEquals(1, meta.witness().calls("DEL").size());
            assertEquals(List.of(), MetaNode.interfaces(netns));
            Leftovers.assertNoneOfDelegates(meta.node());
        }
    }

    @Test
    void aDelOfWhatWasNeverAddedIsFine() {
        try (MetaNode meta = MetaNode.started();
                PodNetns netns = PodNetns.create("pod")) {
            meta.api().nad(MetaNode.NAMESPACE, "bridge", meta.node().bridgeNetwork("bridge"));
            CniRuntime runtime = meta.runtime();
            runtime.del(meta.attachment(netns, meta.inCluster("plc", "bridge")));
            runtime.del(meta.attachment(netns, meta.inCluster("broken", "[null]")));
            runtime.del(meta.attachment(netns, MetaNode.args(MetaNode.NAMESPACE, "absent", "no-uid")));
            Leftovers.assertNoneOfDelegates(meta.node());
        }
    }
}

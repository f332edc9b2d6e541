// SPDX-License-Identifier: Apache-2.0
package io.tsncni.testbed;

import io.tsncni.linux.libbpf.BpfObject;
import io.tsncni.linux.libbpf.BpfProgram;
import io.tsncni.linux.libbpf.BpfRunStats;
import io.tsncni.linux.libbpf.BpfRunStats.Cost;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A pod's way to a NIC, by one variant: veth, bridge, routing, masquerading, HTB; then the far end counts and drops. Each
 * path has a node of its own, so that all can be there at once and take turns.
 */
final class MeasuredPath implements AutoCloseable {
    static final int PRIORITY = 5;

    private static final long ARRIVAL_NANOS = 200_000_000;

    private final Deque<AutoCloseable> toClose = new ArrayDeque<>();
    private final Path pins = Path.of("/sys/fs/bpf", RandomName.of("path-"));
    private final Node node;
    private final Pod pod;
    private final BpfObject fixed;
    private final List<BpfProgram> programs = new ArrayList<>();
    private final Sender sender;
    private String remark = "";
    private long lost;

    /** @param pods how many are attached, the one that sends among them; more than one for tsn-cni only */
    MeasuredPath(Artifacts artifacts, Variant variant, int pods) throws IOException {
        node = opened(new Node(artifacts, Qdisc.HTB));
        fixed = opened(BpfObject.open(artifacts.bpf("path"))).load();
        if (variant == Variant.TSN) {
            node.agent().start();
            pod = node.addPod("pod", node.tsnEntry());
            IntStream.range(1, pods).parallel().forEach(i -> node.addPod("idle", node.tsnEntry()));
        } else {
            pod = node.addPod("pod");
        }
        pod.warmUp(node.nic(), node.nic().address());
        putFarEnd();
        attach(artifacts, variant);
        int lastCpu = Runtime.getRuntime().availableProcessors() - 1;
        sender = opened(new Sender(artifacts, pod.netns(), node.nic().address(), PRIORITY, lastCpu));
    }

    private <T extends AutoCloseable> T opened(T closeable) {
        toClose.push(closeable);
        return closeable;
    }

    /** From here on the NIC's qdisc chooses by a filter that costs little, and nothing gets past its far end. */
    private void putFarEnd() throws IOException {
        Files.createDirectory(pins);
        toClose.push(() -> Shell.run("rm", "-r", pins.toString()));
        fixed.program("path_classify").pin(pins.resolve("classify"));
        fixed.program("path_far_end").pin(pins.resolve("far_end"));
        node.nic().classifyBy(pins.resolve("classify"));
        PodNetns world = node.nic().world();
        world.exec("tc", "qdisc", "add", "dev", "uplink", "clsact");
        world.command("tc", "filter", "add", "dev", "uplink", "ingress", "protocol", "all", "bpf", "direct-action")
                .and("object-pinned", pins.resolve("far_end").toString())
                .run();
    }

    private void attach(Artifacts artifacts, Variant variant) throws IOException {
        switch (variant) {
            case NONE, CONTROL -> {}
            case EMPTY -> attach(fixed.program("path_empty_pod"), fixed.program("path_empty_nic"));
            case ADDRESS_MAP -> {
                AddressMap map = opened(new AddressMap(artifacts));
                remark = map.tracking();
                attach(map.saver(), map.restorer());
            }
            case TSN -> {
                Path pinned = node.agent().bpffs().resolve("tsn");
                String saver = "savers/" + pod.attachment().containerId() + ":eth0/program";
                programs.add(opened(BpfProgram.pinned(pinned.resolve(saver))));
                programs.add(opened(
                        BpfProgram.pinned(pinned.resolve("nics/" + node.nic().name() + "/program"))));
            }
        }
    }

    private void attach(BpfProgram atPod, BpfProgram atNic) throws IOException {
        programs.addAll(List.of(atPod, atNic));
        opened(EgressHook.attach(atPod, pod));
        opened(EgressHook.attach(atNic, node.nic().name()));
    }

    /** Sends, waits for the last packet, and divides: ns a packet, of those that arrived, while the sender had its CPU. */
    double send(Traffic traffic, int packets) throws IOException {
        long before = arrivals().packets();
        Sender.Took took = sender.send(traffic.command(packets));
        long arrived = awaitArrival(before, packets);
        return (double) (took.nanos() - took.waited()) / arrived;
    }

    private long awaitArrival(long before, int packets) throws IOException {
        long deadline = System.nanoTime() + ARRIVAL_NANOS;
        long arrived;
        do {
            arrived = arrivals().packets() - before;
        } while (arrived < packets && System.nanoTime() < deadline);
        if (arrived == 0) {
            throw new IOException("nothing of " + packets + " packets of " + pod + " came out behind "
                    + node.nic().name());
        }
        lost += packets - arrived;
        return arrived;
    }

    /** The cost of both programs together, per packet, while {@link BpfRunStats#enable} is in force. */
    double programNanos(Traffic traffic, int packets) throws IOException {
        double sum = 0;
        List<Cost> before = costs();
        send(traffic, packets);
        List<Cost> after = costs();
        for (int i = 0; i < before.size(); i++) {
            sum += after.get(i).since(before.get(i)).nanosPerRun();
        }
        return sum;
    }

    private List<Cost> costs() throws IOException {
        List<Cost> costs = new ArrayList<>();
        for (BpfProgram program : programs) {
            costs.add(BpfRunStats.of(program));
        }
        return costs;
    }

    /** One by one, each with the time at which it was sent. */
    void sendTimed(int packets, int perSecond) throws IOException {
        long before = arrivals().packets();
        sender.send("timed " + packets + " " + perSecond);
        awaitArrival(before, packets);
    }

    /** What has come out since this path was made. */
    Arrivals arrivals() throws IOException {
        return Arrivals.parse(fixed.map("arrivals").get(0));
    }

    long lost() {
        return lost;
    }

    /** The part of all packets that the NIC's qdisc had in the class that they asked for. */
    double inTheirClass() throws IOException {
        return (double) node.nic().classes().getOrDefault(PRIORITY, 0L)
                / node.nic().classes().values().stream()
                        .mapToLong(Long::longValue)
                        .sum();
    }

    String remark() {
        return remark;
    }

    @Override
    public void close() throws IOException {
        List<Exception> failures = new ArrayList<>();
        for (AutoCloseable one : toClose) {
            try {
                one.close();
            } catch (Exception e) {
                failures.add(e);
            }
        }
        if (!failures.isEmpty()) {
            throw new IOException("closing the path of " + pod, failures.get(0));
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.testbed;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The node's network card and the world behind it: a veth pair whose near end has the queue discipline, and whose far
 * end is in a namespace where a sink takes every datagram and connection at {@link #FIRST_PORT} and up.
 */
public final class EgressNic implements AutoCloseable {
    public static final int FIRST_PORT = Observer.FIRST_PORT;
    /** Ports with a listener; the observer tells more ports apart. */
    public static final int PORTS = 1024;

    /** Several in one namespace must not share one. */
    private static final AtomicInteger NEXT_SUBNET =
            new AtomicInteger(ThreadLocalRandom.current().nextInt(256));

    /** Of the world's end. */
    public static final String FAR_MAC = "02:00:00:00:00:02";

    private final String name;
    private final Qdisc qdisc;
    private final int subnet = NEXT_SUBNET.getAndIncrement() & 0xff;
    private final Observer observer;
    private final PodNetns world;
    private final Background sink;

    public EgressNic(Artifacts artifacts, Qdisc qdisc) {
        this(artifacts, qdisc, RandomName.of("nic"));
    }

    public EgressNic(Artifacts artifacts, Qdisc qdisc, String name) {
        this.name = name;
        this.qdisc = qdisc;
        observer = new Observer(artifacts);
        world = PodNetns.create("world");
        String ports = FIRST_PORT + "-" + (FIRST_PORT + PORTS - 1);
        sink = world.command(artifacts.talker().toString(), "sink", "--udp", "--tcp", "--ports", ports)
                .start()
                .awaitLine("ready", Duration.ofSeconds(10));
        create();
    }

    public String name() {
        return name;
    }

    public Qdisc qdisc() {
        return qdisc;
    }

    /** The node itself, on this device. */
    public String nodeAddress() {
        return "198.18.%d.1".formatted(subnet);
    }

    /** Where talkers send to. */
    public String address() {
        return "198.18.%d.2".formatted(subnet);
    }

    public String address6() {
        return "fd18:%x::2".formatted(subnet);
    }

    public PodNetns world() {
        return world;
    }

    public Observer observer() {
        return observer;
    }

    /** What the qdisc saw of the packets to this port. */
    public Seen seen(int port) {
        return observer.at(port);
    }

    /** The qdisc's own counters: packets by class. */
    public Map<Integer, Long> classes() {
        return qdisc.packets(name);
    }

    /** Another filter for the classes of {@link Qdisc#HTB}, instead of the observer, which then sees nothing more. */
    void classifyBy(Path pinned) {
        Shell.run("tc", "filter", "del", "dev", name, "parent", "1:");
        Shell.of("tc", "filter", "add", "dev", name, "parent", "1:", "protocol", "all", "bpf")
                .and("object-pinned", pinned.toString())
                .run();
    }

    /** Makes the device, its addresses and its qdisc; also again after {@link #delete}, as when a driver is reloaded. */
    public void create() {
        // taprio takes this as its queues' limit; newer kernels (7.2) allow no more than 32767.
        Shell.of("ip", "link", "add", name, "txqueuelen", "30000", "numtxqueues", "4", "numrxqueues", "4")
                .and("type", "veth", "peer")
                .and("name", "uplink", "address", FAR_MAC, "numtxqueues", "4", "numrxqueues", "4")
                .and("netns", world.name())
                .run();
        String near = nodeAddress();
        String near6 = "fd18:%x::1".formatted(subnet);
        world.exec("ip", "addr", "add", address() + "/24", "dev", "uplink");
        world.exec("ip", "addr", "add", address6() + "/64", "dev", "uplink", "nodad");
        world.exec("ip", "link", "set", "uplink", "up");
        Shell.run("ip", "addr", "add", near + "/24", "dev", name);
        Shell.run("ip", "addr", "add", near6 + "/64", "dev", name, "nodad");
        Shell.run("ip", "link", "set", name, "up");
        world.exec("ip", "route", "add", "default", "via", near);
        world.exec("ip", "-6", "route", "add", "default", "via", near6);
        neighbour(address());
        neighbour(address6());
        qdisc.attach(name, observer);
    }

    public void delete() {
        Shell.run("ip", "link", "del", name);
    }

    /** Known for good: a queue of packets that wait for ARP is short, and overflows. */
    private void neighbour(String address) {
        Shell.run("ip", "neigh", "replace", address, "dev", name, "lladdr", FAR_MAC, "nud", "permanent");
    }

    @Override
    public void close() {
        sink.close();
        if (Shell.of("ip", "link", "show", name).attempt().exit() == 0) {
            delete();
        }
        world.close();
        observer.close();
    }
}

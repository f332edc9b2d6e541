// SPDX-License-Identifier: Apache-2.0
package io.tsncni.datapath;

import io.tsncni.linux.libbpf.BpfMap;
import io.tsncni.linux.libbpf.BpfObject;
import io.tsncni.linux.libbpf.ClsactFilter;
import io.tsncni.linux.libc.Clock;
import io.tsncni.linux.libc.TxtimeSocket;
import io.tsncni.linux.netlink.RouteSocket;
import io.tsncni.linux.netlink.Veth;
import io.tsncni.linux.netns.NetworkNamespace;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;

/** Sends a packet with a launch time of each clock out of a namespace of ours and looks at what comes out. */
final class Crossing {
    private static final String DEVICE = "tsn-probe";
    private static final Duration AHEAD = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final Duration STEP = Duration.ofMillis(2);

    /**
     * @param type skb->tstamp_type inside the pod; 0 where there is none
     * @param kept whether time and type came out as they went in
     */
    record Seen(int type, boolean kept) {}

    private record Look(long txtime, int type, boolean seen) {
        static Look at(BpfMap crossings, int key) throws IOException {
            ByteBuffer value = crossings.get(key);
            return new Look(value.getLong(), value.getInt(), value.getInt() != 0);
        }
    }

    private Crossing() {}

    static Map<Clock, Seen> tried(Path object, int kernelFlags) throws IOException {
        try (NetworkNamespace pod = NetworkNamespace.create();
                NetworkNamespace host = NetworkNamespace.create();
                BpfObject programs = BpfObject.open(object)) {
            programs.initialValue(".rodata", Stamp.words(kernelFlags)).load();
            host.call(() -> {
                Veth.create(DEVICE, pod);
                ClsactFilter.attachIngress(programs.program("tsn_behind"), upWithIndex());
                return null;
            });
            BpfMap crossings = programs.map("crossings");
            return pod.call(() -> {
                int ifIndex = upWithIndex();
                ClsactFilter.attach(programs.program("tsn_before"), ifIndex);
                Map<Clock, Seen> all = new EnumMap<>(Clock.class);
                for (Clock clock : Clock.values()) {
                    all.put(clock, sent(clock, ifIndex, crossings));
                }
                return all;
            });
        }
    }

    private static int upWithIndex() throws IOException {
        int ifIndex = RouteSocket.link(DEVICE).orElseThrow().index();
        Veth.up(ifIndex);
        return ifIndex;
    }

    /** Again and again, because a device takes a moment until it carries packets. */
    private static Seen sent(Clock clock, int ifIndex, BpfMap crossings) throws IOException, InterruptedException {
        long txtime = clock.now() + AHEAD.toNanos();
        try (TxtimeSocket socket = TxtimeSocket.open(clock)) {
            for (long start = System.nanoTime(); System.nanoTime() - start < PATIENCE.toNanos(); ) {
                socket.send(ifIndex, Stamp.CROSSING_ETHERTYPE, txtime);
                Thread.sleep(STEP.toMillis());
                Look before = Look.at(crossings, clock.id());
                Look behind = Look.at(crossings, Stamp.CROSSING_CLOCKS + clock.id());
                if (before.seen() && behind.seen()) {
                    boolean kept = behind.txtime() == txtime && behind.type() == before.type();
                    return new Seen(before.type(), before.txtime() == txtime && kept);
                }
            }
        }
        throw new IOException("no packet of ours crossed a veth in " + PATIENCE.toSeconds() + " s");
    }
}

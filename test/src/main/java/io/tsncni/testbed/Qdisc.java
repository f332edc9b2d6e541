// SPDX-License-Identifier: Apache-2.0
package io.tsncni.testbed;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** The queue discipline of an egress NIC, in a form that never drops and counts by class. */
public enum Qdisc {
    /** 16 classes, one per priority, and a 17th for the priorities above. Every kernel of a test has it. */
    HTB("1", 17) {
        @Override
        public int classOf(int priority) {
            return Math.min(priority, 16);
        }

        @Override
        void attach(String device, Observer observer) {
            StringBuilder batch = new StringBuilder("qdisc add dev %1$s root handle 1: htb default 20\n");
            for (int i = 0; i < classes(); i++) {
                String minor = Integer.toHexString(0x10 + i);
                // 100 Gbit/s in bursts of 10 MB: no class ever waits for its turn.
                batch.append("class add dev %1$s parent 1: classid 1:")
                        .append(minor)
                        .append(" htb rate 100gbit burst 10m cburst 10m quantum 60000\n");
                batch.append("qdisc add dev %1$s parent 1:").append(minor).append(" pfifo limit 1000000\n");
            }
            batch.append("filter add dev %1$s parent 1: protocol all bpf object-pinned ")
                    .append(observer.classifier())
                    .append('\n');
            Shell.of("tc", "-batch", "-")
                    .reading(batch.toString().formatted(device))
                    .run();
        }

        @Override
        int classOfMinor(int minor) {
            return minor - 0x10;
        }
    },

    /** 4 traffic classes on 4 queues whose gates open in turn: the real thing, where there is one. */
    TAPRIO("100", 4) {
        @Override
        public int classOf(int priority) {
            // taprio looks at the low four bits (TC_BITMASK).
            return (priority & 7) / 2;
        }

        @Override
        void attach(String device, Observer observer) {
            // In this order, and with the queues that the classes are born with: any later change of the device's
            // qdiscs, also of clsact, deactivates the device, and then the schedule stands still for good
            // (taprio_reset; 6.1). The high pref puts the observer behind whatever writes the priority.
            String batch =
                    """
                    qdisc add dev %1$s clsact
                    filter add dev %1$s egress pref 65000 protocol all bpf direct-action object-pinned %2$s
                    qdisc add dev %1$s parent root handle 100: taprio num_tc 4 map %3$s \
                        queues 1@0 1@1 1@2 1@3 base-time 0 \
                        sched-entry S 01 1000000 sched-entry S 02 1000000 \
                        sched-entry S 04 1000000 sched-entry S 08 1000000 flags 0x0 clockid CLOCK_TAI
                    """;
            Shell.of("tc", "-batch", "-")
                    .reading(batch.formatted(device, observer.watcher(), "0 0 1 1 2 2 3 3 0 0 1 1 2 2 3 3"))
                    .run();
        }

        @Override
        int classOfMinor(int minor) {
            return minor - 1;
        }
    };

    private static final ObjectMapper JSON = new ObjectMapper();

    private final String major;
    private final int classes;

    Qdisc(String major, int classes) {
        this.major = major;
        this.classes = classes;
    }

    /** TAPRIO where the kernel has it: asked of the kernel, not of its version. */
    public static Qdisc best() {
        String scratch = RandomName.of("probe");
        Shell.run("ip", "link", "add", scratch, "numtxqueues", "4", "type", "veth", "peer", "name", scratch + "p");
        try {
            String probe = "qdisc add dev " + scratch + " parent root handle 100: taprio num_tc 2"
                    + " map 0 1 queues 1@0 1@1 base-time 0 sched-entry S 03 1000000 flags 0x0 clockid CLOCK_TAI";
            return Shell.of("tc", "-batch", "-").reading(probe + "\n").attempt().exit() == 0 ? TAPRIO : HTB;
        } finally {
            Shell.run("ip", "link", "del", scratch);
        }
    }

    public int classes() {
        return classes;
    }

    /** The class that a packet of this priority belongs in. */
    public abstract int classOf(int priority);

    abstract void attach(String device, Observer observer);

    abstract int classOfMinor(int minor);

    /** Packets sent by class, as the qdisc below each class counts them. */
    Map<Integer, Long> packets(String device) {
        return parse(Shell.run("tc", "-s", "-j", "qdisc", "show", "dev", device).stdout());
    }

    /** Of the qdiscs, not of the classes: {@code tc -j class show} is no JSON before iproute2 6.3. */
    Map<Integer, Long> parse(String json) {
        Map<Integer, Long> packets = new TreeMap<>();
        try {
            for (JsonNode qdisc : JSON.readTree(json)) {
                String[] parent = qdisc.path("parent").asText("").split(":");
                if (parent.length == 2 && parent[0].equals(major)) {
                    int minor = Integer.parseInt(parent[1], 16);
                    packets.put(classOfMinor(minor), qdisc.required("packets").asLong());
                }
            }
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("tc's answer: " + json, e);
        }
        return packets;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}

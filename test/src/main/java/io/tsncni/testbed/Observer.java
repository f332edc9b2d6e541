// SPDX-License-Identifier: Apache-2.0
package io.tsncni.testbed;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;

/** observer.bpf.o, loaded and pinned. Its counters outlive the device that it watches. */
public final class Observer implements AutoCloseable {
    public static final int FIRST_PORT = 20000;
    public static final int PORTS = 4096;

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path pins = Path.of("/sys/fs/bpf", RandomName.of("observer-"));

    Observer(Artifacts artifacts) {
        Shell.of("bpftool", "prog", "loadall", artifacts.bpf("observer").toString(), pins.toString())
                .and("pinmaps", pins.toString())
                .run();
    }

    Path classifier() {
        return pins.resolve("tsn_classify");
    }

    Path watcher() {
        return pins.resolve("tsn_watch");
    }

    /** By destination port, UDP and TCP, IPv4 and IPv6. */
    public Seen at(int port) {
        if (port < FIRST_PORT || port >= FIRST_PORT + PORTS) {
            throw new IllegalArgumentException(
                    "port %d: not in %d..%d".formatted(port, FIRST_PORT, FIRST_PORT + PORTS - 1));
        }
        return slot(port - FIRST_PORT);
    }

    public Seen otherPorts() {
        return slot(PORTS);
    }

    /** All fragments but the first, which has the port and counts there. */
    public Seen laterFragments() {
        return slot(PORTS + 1);
    }

    /** Frames that are neither IP nor ARP. */
    public Seen layer2() {
        return slot(PORTS + 2);
    }

    /** ICMP, ARP and the like. */
    public Seen withoutPort() {
        return slot(PORTS + 3);
    }

    private Seen slot(int index) {
        Shell lookup = Shell.of("bpftool", "-j", "map", "lookup", "pinned")
                .and(pins.resolve("observed").toString(), "key")
                .and(littleEndian(index));
        try {
            JsonNode entry = JSON.readTree(lookup.run().stdout());
            return Seen.parse(entry.required("formatted").required("value"));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("bpftool's answer for " + pins, e);
        }
    }

    private static String[] littleEndian(int value) {
        return new String[] {
            Integer.toString(value & 0xff),
            Integer.toString(value >> 8 & 0xff),
            Integer.toString(value >> 16 & 0xff),
            Integer.toString(value >> 24 & 0xff)
        };
    }

    @Override
    public void close() {
        Shell.run("rm", "-r", pins.toString());
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import io.tsncni.linux.libbpf.BpfObject;
import io.tsncni.linux.libbpf.BpfTestRun;
import io.tsncni.linux.libbpf.BpfTestRun.Field;
import io.tsncni.testbed.Artifacts;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A program of ours inside its probe, loaded: {@code NAME_probe.bpf.c}. */
final class StampProbe implements AutoCloseable {
    private final BpfObject object;
    private final String name;

    private StampProbe(BpfObject object, String name) {
        this.object = object;
        this.name = name;
    }

    static StampProbe load(String name, int... readOnlyData) throws IOException {
        return load(name, Optional.empty(), readOnlyData);
    }

    /** @param slots whose slots it shares */
    static StampProbe load(String name, Optional<StampProbe> slots, int... readOnlyData) throws IOException {
        BpfObject object = BpfObject.open(Artifacts.fromSystemProperties().bpf(name + "_probe"));
        try {
            if (slots.isPresent()) {
                for (String map : List.of("slots", "cursors")) {
                    object.share(map, slots.get().object.map(map));
                }
            }
            object.initialValue(".rodata", words(readOnlyData)).load();
        } catch (IOException | RuntimeException e) {
            object.close();
            throw e;
        }
        return new StampProbe(object, name);
    }

    void put(String map, int key, int... value) throws IOException {
        object.map(map).put(key, words(value));
    }

    Outcome run(StampSkb skb) throws IOException {
        return run(skb, 1);
    }

    /** @param times the same packet, one after another; what is seen is the last one */
    Outcome run(StampSkb skb, int times) throws IOException {
        return new Outcome(BpfTestRun.run(object.program("probe_" + name), skb.packet(), skb.fields(), times));
    }

    /** The counters that are not 0, summed over the CPUs, each under its name. */
    Map<String, Long> counted(String map, List<String> names) throws IOException {
        Map<String, Long> counted = new TreeMap<>();
        for (ByteBuffer value : object.map(map).getPerCpu(0)) {
            for (String counter : names) {
                counted.merge(counter, value.getLong(), Long::sum);
            }
        }
        counted.values().removeIf(count -> count == 0);
        return counted;
    }

    private static byte[] words(int... values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.nativeOrder());
        Arrays.stream(values).forEach(bytes::putInt);
        return bytes.array();
    }

    @Override
    public void close() {
        object.close();
    }

    /** The packet as the program left it. */
    record Outcome(BpfTestRun.Result result) {
        int verdict() {
            return result.verdict();
        }

        byte[] packet() {
            return result.packet();
        }

        long priority() {
            return result.fields().get(Field.PRIORITY);
        }

        long tstamp() {
            return result.fields().get(Field.TSTAMP);
        }

        /** What the kernel makes of the headers when nobody has set a hash. */
        int flowHash() {
            return result.fields().get(Field.CB_0).intValue();
        }

        /** 0 if it is not valid. */
        int hash() {
            return result.fields().get(Field.CB_1).intValue();
        }

        int tcIndex() {
            return result.fields().get(Field.CB_2).intValue();
        }

        /** Whether the next who asks for the hash gets the flow's own. */
        boolean isHashInvalid() {
            return hash() == 0 && result.fields().get(Field.CB_3).intValue() == flowHash();
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.linux.libbpf;

import io.tsncni.linux.libc.Fd;
import io.tsncni.linux.libc.LibC;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A map whose keys are 32-bit numbers, as all of ours are. Values are bytes in the machine's order. */
public final class BpfMap implements AutoCloseable {
    private static final int BPF_MAP_TYPE_ARRAY = 2;
    private static final int INFO_VALUE_SIZE = 12; // offset in struct bpf_map_info

    private final int number;
    private final Optional<Fd> owned;

    private BpfMap(int number, Optional<Fd> owned) {
        this.number = number;
        this.owned = owned;
    }

    /** Of an object, which closes it. */
    static BpfMap borrowed(int number) {
        return new BpfMap(number, Optional.empty());
    }

    public static BpfMap pinned(Path pin) throws IOException {
        return owned(BpfException.check(LibBpf.bpf_obj_get(pin.toString()), "bpf_obj_get", pin));
    }

    public interface Reading<T> {
        T of(BpfMap map) throws IOException;
    }

    /** What is in a map that somebody else may take away at any time; empty if it is not there. */
    public static <T> Optional<T> ifPinned(Path pin, Reading<T> reading) throws IOException {
        int number = LibBpf.bpf_obj_get(pin.toString());
        if (number == -LibC.ENOENT) {
            return Optional.empty();
        }
        try (BpfMap map = owned(BpfException.check(number, "bpf_obj_get", pin))) {
            return Optional.of(reading.of(map));
        }
    }

    /** A new array of one entry. */
    public static BpfMap createSingle(String name, int valueSize) throws IOException {
        return owned(BpfException.check(
                LibBpf.bpf_map_create(BPF_MAP_TYPE_ARRAY, name, 4, valueSize, 1, null), "bpf_map_create", name));
    }

    private static BpfMap owned(int number) {
        return new BpfMap(number, Optional.of(new Fd(number)));
    }

    public BpfMap pin(Path pin) throws IOException {
        BpfException.check(LibBpf.bpf_obj_pin(number, pin.toString()), "bpf_obj_pin", pin);
        return this;
    }

    int fd() {
        return number;
    }

    public void put(int key, byte[] value) throws IOException {
        BpfException.check(
                LibBpf.bpf_map_update_elem(number, bytes(key), value, LibBpf.BPF_ANY), "bpf_map_update_elem", key);
    }

    public void remove(int key) throws IOException {
        int returned = LibBpf.bpf_map_delete_elem(number, bytes(key));
        if (returned != -LibC.ENOENT) {
            BpfException.check(returned, "bpf_map_delete_elem", key);
        }
    }

    public ByteBuffer get(int key) throws IOException {
        return lookup(key, valueSize());
    }

    /** A per-CPU value, one buffer a CPU. */
    public List<ByteBuffer> getPerCpu(int key) throws IOException {
        int cpus = BpfException.check(LibBpf.libbpf_num_possible_cpus(), "libbpf_num_possible_cpus", "");
        int stride = (valueSize() + 7) & ~7;
        ByteBuffer all = lookup(key, stride * cpus);
        List<ByteBuffer> values = new ArrayList<>(cpus);
        for (int cpu = 0; cpu < cpus; cpu++) {
            values.add(all.slice(cpu * stride, stride).order(ByteOrder.nativeOrder()));
        }
        return values;
    }

    public List<Integer> keys() {
        List<Integer> keys = new ArrayList<>();
        byte[] next = new byte[4];
        for (byte[] key = null; LibBpf.bpf_map_get_next_key(number, key, next) == 0; key = next.clone()) {
            keys.add(ByteBuffer.wrap(next).order(ByteOrder.nativeOrder()).getInt());
        }
        return keys;
    }

    /** In bytes, as the compiled object declares it. */
    public int valueSize() throws IOException {
        byte[] info = new byte[64];
        BpfException.check(
                LibBpf.bpf_obj_get_info_by_fd(number, info, new int[] {info.length}), "bpf_obj_get_info_by_fd", "map");
        return ByteBuffer.wrap(info).order(ByteOrder.nativeOrder()).getInt(INFO_VALUE_SIZE);
    }

    private ByteBuffer lookup(int key, int size) throws IOException {
        byte[] value = new byte[size];
        BpfException.check(LibBpf.bpf_map_lookup_elem(number, bytes(key), value), "bpf_map_lookup_elem", key);
        return ByteBuffer.wrap(value).order(ByteOrder.nativeOrder());
    }

    private static byte[] bytes(int key) {
        return ByteBuffer.allocate(4).order(ByteOrder.nativeOrder()).putInt(key).array();
    }

    @Override
    public void close() {
        owned.ifPresent(Fd::close);
    }
}

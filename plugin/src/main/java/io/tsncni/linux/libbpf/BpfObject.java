// SPDX-License-Identifier: Apache-2.0
package io.tsncni.linux.libbpf;

import com.sun.jna.Pointer;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A compiled object: open it, set its read-only data, share maps, load it. Programs and maps taken from it are valid
 * until it is closed; what is pinned or attached by then stays in the kernel.
 */
public final class BpfObject implements AutoCloseable {
    static {
        LibBpfLog.capture();
    }

    private final Path file;
    private final Pointer object;

    private BpfObject(Path file, Pointer object) {
        this.file = file;
        this.object = object;
    }

    public static BpfObject open(Path file) throws IOException {
        LibBpfLog.take();
        Pointer object = LibBpf.bpf_object__open_file(file.toString(), null);
        return new BpfObject(file, BpfException.check(object, "bpf_object__open_file", file));
    }

    /** Sets the whole of a section's map, {@code .rodata} for one, before {@link #load}. */
    public BpfObject initialValue(String map, byte[] value) throws IOException {
        int returned = LibBpf.bpf_map__set_initial_value(findMap(map), value, value.length);
        BpfException.check(returned, "bpf_map__set_initial_value", map + " in " + file);
        return this;
    }

    /** Makes the object use a map that exists, before {@link #load}. */
    public BpfObject share(String map, BpfMap existing) throws IOException {
        BpfException.check(
                LibBpf.bpf_map__reuse_fd(findMap(map), existing.fd()), "bpf_map__reuse_fd", map + " in " + file);
        return this;
    }

    public BpfObject load() throws IOException {
        LibBpfLog.take();
        BpfException.check(LibBpf.bpf_object__load(object), "bpf_object__load", file);
        return this;
    }

    public BpfProgram program(String name) throws IOException {
        Pointer program = LibBpf.bpf_object__find_program_by_name(object, name);
        BpfException.check(program, "bpf_object__find_program_by_name", name + " in " + file);
        return BpfProgram.borrowed(LibBpf.bpf_program__fd(program));
    }

    public BpfMap map(String name) throws IOException {
        return BpfMap.borrowed(LibBpf.bpf_map__fd(findMap(name)));
    }

    private Pointer findMap(String name) throws IOException {
        return BpfException.check(
                LibBpf.bpf_object__find_map_by_name(object, name),
                "bpf_object__find_map_by_name",
                name + " in " + file);
    }

    @Override
    public void close() {
        LibBpf.bpf_object__close(object);
    }
}

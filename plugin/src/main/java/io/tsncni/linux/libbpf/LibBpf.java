// SPDX-License-Identifier: Apache-2.0
package io.tsncni.linux.libbpf;

import com.sun.jna.Callback;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;

/**
 * libbpf 1.x as C declares it, only what we call. Integers below 0 are -errno; a null pointer leaves errno. Never
 * judge by errno alone: libbpf leaves it set on success.
 */
final class LibBpf {
    static final int BPF_ANY = 0;
    static final int BPF_TCX_INGRESS = 46;
    static final int BPF_TCX_EGRESS = 47;
    static final int BPF_F_BEFORE = 1 << 3;
    static final int BPF_TC_INGRESS = 1;
    static final int BPF_TC_EGRESS = 2;
    static final int BPF_PROG_TYPE_SCHED_CLS = 3;
    static final int BPF_TC_F_REPLACE = 1;

    interface Printer extends Callback {
        int print(int level, Pointer format, Pointer arguments);
    }

    static {
        Native.register(LibBpf.class, NativeLibrary.getInstance("libbpf.so.1"));
    }

    private LibBpf() {}

    static native Pointer libbpf_set_print(Printer printer);

    static native int libbpf_num_possible_cpus();

    static native int libbpf_probe_bpf_helper(int programType, int helper, Pointer opts);

    static native Pointer bpf_object__open_file(String path, Pointer opts);

    static native int bpf_object__load(Pointer object);

    static native void bpf_object__close(Pointer object);

    static native Pointer bpf_object__find_map_by_name(Pointer object, String name);

    static native Pointer bpf_object__find_program_by_name(Pointer object, String name);

    static native int bpf_map__fd(Pointer map);

    static native int bpf_map__set_initial_value(Pointer map, byte[] data, long size);

    static native int bpf_map__reuse_fd(Pointer map, int fd);

    static native int bpf_program__fd(Pointer program);

    static native int bpf_map_create(int type, String name, int keySize, int valueSize, int maxEntries, Pointer opts);

    static native int bpf_map_update_elem(int fd, byte[] key, byte[] value, long flags);

    static native int bpf_map_lookup_elem(int fd, byte[] key, byte[] value);

    static native int bpf_map_delete_elem(int fd, byte[] key);

    static native int bpf_map_get_next_key(int fd, byte[] key, byte[] nextKey);

    static native int bpf_obj_pin(int fd, String path);

    static native int bpf_obj_get(String path);

    static native int bpf_prog_get_fd_by_id(int id);

    static native int bpf_obj_get_info_by_fd(int fd, byte[] info, int[] length);

    static native int bpf_link_create(int programFd, int target, int attachType, Pointer opts);

    static native int bpf_link_update(int fd, int programFd, Pointer opts);

    static native int bpf_link_detach(int fd);

    static native int bpf_prog_query_opts(int target, int attachType, Pointer opts);

    static native int bpf_prog_detach2(int programFd, int target, int attachType);

    static native int bpf_tc_hook_create(Pointer hook);

    static native int bpf_tc_attach(Pointer hook, Pointer opts);

    static native int bpf_tc_detach(Pointer hook, Pointer opts);

    static native int bpf_tc_query(Pointer hook, Pointer opts);
}

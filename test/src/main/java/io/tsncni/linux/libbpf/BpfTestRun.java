// SPDX-License-Identifier: Apache-2.0
package io.tsncni.linux.libbpf;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;

/** BPF_PROG_RUN: a loaded tc program runs on a packet that no device has seen. */
public final class BpfTestRun {
    private static final int SK_BUFF_SIZE = 192; // of struct __sk_buff
    private static final int OPTS_SIZE = 80; // of struct bpf_test_run_opts
    private static final int GROWTH_MAX = 256; // a program may push headers

    static {
        Native.register(BpfTestRun.class, NativeLibrary.getInstance("libbpf.so.1"));
    }

    private BpfTestRun() {}

    private static native int bpf_prog_test_run_opts(int programFd, Pointer opts);

    /** The members of struct __sk_buff that the kernel takes in and gives back; GSO_SIZE only in. */
    public enum Field {
        MARK(8),
        PRIORITY(32),
        INGRESS_IFINDEX(36),
        IFINDEX(40),
        CB_0(48),
        CB_1(52),
        CB_2(56),
        CB_3(60),
        CB_4(64),
        TSTAMP(152),
        WIRE_LEN(160),
        GSO_SEGS(164),
        GSO_SIZE(176);

        private final int offset;

        Field(int offset) {
            this.offset = offset;
        }

        private void write(ByteBuffer skBuff, long value) {
            if (this == TSTAMP) {
                skBuff.putLong(offset, value);
            } else {
                skBuff.putInt(offset, (int) value);
            }
        }

        private long read(ByteBuffer skBuff) {
            return this == TSTAMP ? skBuff.getLong(offset) : Integer.toUnsignedLong(skBuff.getInt(offset));
        }
    }

    /**
     * What a run left behind.
     *
     * @param verdict what the program returned, at the last repetition
     * @param packet its bytes
     * @param fields every one, also those that are 0
     * @param nanos of one repetition, on average
     */
    public record Result(int verdict, byte[] packet, Map<Field, Long> fields, int nanos) {}

    /**
     * Runs a program so many times on the same packet, which each repetition finds as the one before left it.
     *
     * @param packet an Ethernet frame
     * @param fields what is not 0; without WIRE_LEN the kernel takes the packet's length
     */
    public static Result run(BpfProgram program, byte[] packet, Map<Field, Long> fields, int repeat)
            throws IOException {
        int roomOut = packet.length + GROWTH_MAX;
        try (Memory data = new Memory(packet.length + roomOut);
                Memory skBuff = new Memory(SK_BUFF_SIZE);
                Memory opts = new Memory(OPTS_SIZE)) {
            data.write(0, packet, 0, packet.length);
            skBuff.clear();
            ByteBuffer members = skBuff.getByteBuffer(0, SK_BUFF_SIZE).order(ByteOrder.nativeOrder());
            fields.forEach((field, value) -> field.write(members, value));

            opts.clear();
            opts.setLong(0, OPTS_SIZE);
            opts.setPointer(8, data); // data_in
            opts.setPointer(16, data.share(packet.length)); // data_out
            opts.setInt(24, packet.length); // data_size_in
            opts.setInt(28, roomOut); // data_size_out
            opts.setPointer(32, skBuff); // ctx_in
            opts.setPointer(40, skBuff); // ctx_out
            opts.setInt(48, SK_BUFF_SIZE); // ctx_size_in
            opts.setInt(52, SK_BUFF_SIZE); // ctx_size_out
            opts.setInt(60, repeat);
            BpfException.check(bpf_prog_test_run_opts(program.fd(), opts), "bpf_prog_test_run_opts", fields);

            return new Result(
                    opts.getInt(56), // retval
                    data.getByteArray(packet.length, opts.getInt(28)),
                    fields(members),
                    opts.getInt(64)); // duration
        }
    }

    private static Map<Field, Long> fields(ByteBuffer skBuff) {
        Map<Field, Long> fields = new EnumMap<>(Field.class);
        Arrays.stream(Field.values()).forEach(field -> fields.put(field, field.read(skBuff)));
        return fields;
    }
}

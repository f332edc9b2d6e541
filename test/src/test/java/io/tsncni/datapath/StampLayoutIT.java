// SPDX-License-Identifier: Apache-2.0
package io.tsncni.datapath;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tsncni.linux.libbpf.BpfObject;
import io.tsncni.linux.libbpf.BpfProgram;
import io.tsncni.linux.libbpf.BpfTestRun;
import io.tsncni.linux.libbpf.BpfTestRun.Field;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What Java writes into the compiled programs and reads out of them means the same on both sides of the kernel. */
@DisabledIfSystemProperty(
        named = "tsn.unprivileged",
        matches = ".+",
        disabledReason = "loads BPF programs; the property tsn.unprivileged says why that is not possible here")
@Tag("kernel")
class StampLayoutIT {
    private static final int UNSPEC = -1;
    private static final int SHOT = 2;
    private static final Identity IDENTITY = new Identity(0x2a5a5, 0x5a6);
    private static final byte[] FRAME = new byte[100];
    private static final long TAG = IDENTITY.tag() << 4;
    private static final long PROOF = IDENTITY.proof() << 5;
    private static final long HASHED = 1; // PROBE_HASHED of probe.h

    private static BpfObject shipped(String name) throws IOException {
        return BpfObject.open(Path.of(System.getProperty("tsn.dist"), "bpf", name + ".bpf.o"));
    }

    private static BpfObject probe(String name) throws IOException {
        return BpfObject.open(Path.of(System.getProperty("tsn.build"), "c", name + "_probe.bpf.o"));
    }

    private static byte[] number(int value) {
        return ByteBuffer.allocate(4)
                .order(ByteOrder.nativeOrder())
                .putInt(value)
                .array();
    }

    private static byte[] join(byte[] first, byte[] second) {
        return ByteBuffer.allocate(first.length + second.length)
                .put(first)
                .put(second)
                .array();
    }

    @ParameterizedTest
    @CsvSource({
        "saver, saver_stats, " + SaverCounters.SIZE,
        "saver, policy, 8",
        "saver, .rodata, " + (Stamp.IDENTITY_SIZE + 8),
        "restorer, restorer_stats, " + RestorerCounters.SIZE,
        "restorer, peers, 4",
        "restorer, nic, " + Stamp.NIC_CONFIG_SIZE,
        "restorer, slots, " + Stamp.SLOT_SIZE,
        "restorer, cursors, " + Stamp.CURSOR_SIZE,
        "restorer, .rodata, " + (Stamp.IDENTITY_SIZE + 4),
        "crossing, crossings, " + Stamp.CROSSING_SIZE
    })
    void valuesHaveTheSizeThatJavaExpects(String object, String map, int size) throws Exception {
        try (BpfObject compiled = shipped(object).load()) {
            assertEquals(size, compiled.map(map).valueSize());
        }
    }

    /** An agent goes on with what another of its layout has pinned, so whoever changes one of these makes a new layout. */
    @ParameterizedTest
    @CsvSource({
        "saver, saver_stats, 544",
        "saver, policy, 8",
        "restorer, restorer_stats, 328",
        "restorer, peers, 4",
        "restorer, nic, 8",
        "restorer, slots, 24",
        "restorer, cursors, 12"
    })
    void layoutOneIsOfTheseSizes(String object, String map, int size) throws Exception {
        assertEquals(1, Stamp.LAYOUT, "another layout: the sizes of this one");
        try (BpfObject compiled = shipped(object).load()) {
            assertEquals(size, compiled.map(map).valueSize(), "make a new layout, Stamp.LAYOUT");
        }
    }

    /** A policy of Java's does in the program what its names say, and its effects are counted where Java looks. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void policiesAndSaverCountersMeanTheSame(int direct) throws Exception {
        List<Policy.Target> targets = new ArrayList<>(Collections.nCopies(Stamp.ROWS, new Policy.Target.Keep()));
        targets.set(3, new Policy.Target.Priority(12));
        targets.set(5, new Policy.Target.Drop());
        targets.set(Stamp.PRIORITY_OTHER, new Policy.Target.Priority(0));
        Policy policy = new Policy(targets, true);
        try (BpfObject saver = shipped("saver")
                .initialValue(".rodata", join(join(IDENTITY.bytes(), number(direct)), number(0)))
                .load()) {
            for (int from = 0; from < Stamp.ROWS; from++) {
                saver.map("policy").put(from, policy.entry(from));
            }
            for (long from = 0; from < Stamp.ROWS; from++) {
                Map<Field, Long> sent = Map.of(Field.PRIORITY, from, Field.TSTAMP, 77L, Field.WIRE_LEN, 150L);
                BpfTestRun.Result seen = BpfTestRun.run(saver.program("tsn_saver"), FRAME, sent, 1);

                assertEquals(from == 5 ? SHOT : UNSPEC, seen.verdict());
                assertEquals(from == 5 ? 77 : 0, seen.fields().get(Field.TSTAMP));
            }
            SaverCounters counters = SaverCounters.sum(saver.map("saver_stats").getPerCpu(0));

            assertEquals(Collections.nCopies(Stamp.ROWS, 1L), counters.from());
            assertEquals(1, counters.dropped().get(5));
            assertEquals(
                    1, counters.dropped().stream().mapToLong(Long::longValue).sum());
            assertEquals(new Traffic(2, 300), counters.to().get(0)); // its own, and those above 15
            assertEquals(new Traffic(0, 0), counters.to().get(3));
            assertEquals(new Traffic(1, 150), counters.to().get(4));
            assertEquals(new Traffic(0, 0), counters.to().get(5));
            assertEquals(new Traffic(2, 300), counters.to().get(12)); // its own, and 3
            assertEquals(new Traffic(1, 150), counters.to().get(15));
            assertEquals(new Traffic(0, 0), counters.to().get(Stamp.PRIORITY_OTHER));
        }
    }

    /** Of each kind another number, so that none can stand for another. */
    @Test
    void identityAndRestorerCountersMeanTheSame() throws Exception {
        Map<Field, Long> stamped = Map.of(Field.CB_0, HASHED, Field.CB_1, TAG | 9, Field.CB_2, PROOF);
        Map<Field, Long> unproven = Map.of(Field.CB_0, HASHED, Field.CB_1, TAG | 9);
        Map<Field, Long> forwarded = Map.of(Field.INGRESS_IFINDEX, 5L);
        try (BpfObject restorer = probe("restorer")
                .initialValue(".rodata", join(IDENTITY.bytes(), number(0)))
                .load()) {
            BpfProgram program = restorer.program("probe_restorer");
            BpfTestRun.run(program, FRAME, stamped, 1);
            BpfTestRun.run(program, FRAME, unproven, 1);
            BpfTestRun.run(program, FRAME, Map.of(), 1);
            for (int i = 0; i < 4; i++) {
                BpfTestRun.run(program, FRAME, forwarded, 1);
            }
            RestorerCounters counters =
                    RestorerCounters.sum(restorer.map("restorer_stats").getPerCpu(0));

            assertEquals(new Traffic(1, FRAME.length), counters.restored().get(9));
            assertEquals(1, counters.rejected());
            assertEquals(2, counters.unstampedLocal());
            assertEquals(4, counters.unstampedForwarded());
        }
    }

    @ParameterizedTest
    @CsvSource({"false, false, 0", "true, false, 6", "false, true, 9", "true, true, 9"})
    void nicSettingsMeanTheSame(boolean keepUnstamped, boolean trustHash, long priority) throws Exception {
        Map<Field, Long> unproven =
                Map.of(Field.PRIORITY, 6L, Field.INGRESS_IFINDEX, 5L, Field.CB_0, HASHED, Field.CB_1, TAG | 9);
        try (BpfObject restorer = probe("restorer")
                .initialValue(".rodata", join(IDENTITY.bytes(), number(0)))
                .load()) {
            restorer.map("nic").put(0, number(new NicSettings(keepUnstamped, trustHash).flags()));
            BpfTestRun.Result seen = BpfTestRun.run(restorer.program("probe_restorer"), FRAME, unproven, 1);

            assertEquals(UNSPEC, seen.verdict());
            assertEquals(priority, seen.fields().get(Field.PRIORITY));
        }
    }
}

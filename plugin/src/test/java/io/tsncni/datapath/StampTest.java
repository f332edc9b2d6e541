// SPDX-License-Identifier: Apache-2.0
package io.tsncni.datapath;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.tsncni.linux.CHeader;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The numbers that user space and the programs share; the header is the one place that says them. */
class StampTest {
    static final String HEADER = "../bpf/include/stamp.h";

    private static CHeader header;

    @BeforeAll
    static void readHeader() throws IOException {
        header = CHeader.read(HEADER);
    }

    static Stream<Field> numbers() {
        return Stream.of(Stamp.class.getDeclaredFields()).filter(field -> !field.isSynthetic());
    }

    @ParameterizedTest
    @MethodSource("numbers")
    void everyNumberIsTheHeaders(Field field) throws IllegalAccessException {
        Map<String, Integer> computed = Map.of(
                "ROWS", header.value("PRIORITIES + 1"),
                "IDENTITY_SIZE", header.sizeOf("stamp_identity"),
                "SLOT_SIZE", header.sizeOf("stamp_slot"),
                "CURSOR_SIZE", header.sizeOf("slot_cursor"),
                "NIC_CONFIG_SIZE", header.sizeOf("nic_config"),
                "CROSSING_SIZE", header.sizeOf("crossing"));
        String name = field.getName();
        Optional<Integer> expected = header.define(name, "STAMP_" + name).or(() -> Optional.of(computed.get(name)));
        assertEquals(expected, Optional.of((Integer) field.get(null)));
    }

    @Test
    void theHeaderIsUnderstood() {
        assertEquals(Optional.of(0x003ffff0), header.define("STAMP_TAG_MASK"));
        assertEquals(Optional.of(0xffe0), header.define("PROOF_MASK"));
        assertEquals(Optional.of(0xff800000), header.define("STAMP_ENTROPY_MASK"));
        assertEquals(Optional.empty(), header.define("TSN_STAMP_H"));
    }

    @Test
    void theStructsAreAsLargeAsTheHeaders() {
        assertEquals(header.sizeOf("saver_counters"), SaverCounters.SIZE);
        assertEquals(header.sizeOf("restorer_counters"), RestorerCounters.SIZE);
    }

    @Test
    void theFieldsOfAStampDoNotOverlapAndFillTheHash() {
        int[] masks = Stream.of("STAMP_ENTROPY_MASK", "STAMP_FORM_SLOT", "STAMP_TAG_MASK", "STAMP_PRIORITY_MASK")
                .mapToInt(header::value)
                .toArray();
        int all = 0;
        for (int mask : masks) {
            assertEquals(0, all & mask);
            all |= mask;
        }
        assertEquals(-1, all);
        assertEquals(0, header.value("SLOT_ENTROPY_MASK") & header.value("STAMP_FORM_SLOT"));
        assertEquals(
                32,
                Integer.bitCount(header.value("SLOT_ENTROPY_MASK"))
                        + Integer.numberOfTrailingZeros(header.value("SLOTS"))
                        + 1
                        + header.value("SLOT_GENERATION_BITS"));
        assertEquals(
                header.value("STAMP_FORM_SLOT"),
                1 << header.value("SLOT_GENERATION_BITS + SLOT_LOW_BITS"),
                "the form lies above the slot's low bits");
        assertEquals(0, header.value("PROOF_MASK") & 0x1f, "bits 0 to 4 of tc_index are Cilium's");
    }

    @ParameterizedTest
    @CsvSource({
        "false, false, 0",
        "true, false, NIC_KEEP_UNSTAMPED",
        "false, true, NIC_TRUST_HASH",
        "true, true, NIC_KEEP_UNSTAMPED + NIC_TRUST_HASH"
    })
    void theSettingsOfANicAreItsFlags(boolean keepUnstamped, boolean trustHash, String flags) {
        assertEquals(header.value(flags), new NicSettings(keepUnstamped, trustHash).flags());
    }

    @Test
    void byDefaultANicZeroesStrangersAndWantsBothProofs() {
        assertEquals(0, NicSettings.DEFAULT.flags());
    }

    @Test
    void anIdentityIsTheStructAndShowsItselfToNobody() {
        Identity identity = new Identity(0x12345, 0x7ab);
        byte[] struct = ByteBuffer.allocate(header.sizeOf("stamp_identity"))
                .order(ByteOrder.nativeOrder())
                .putInt(header.offsetOf("stamp_identity", "tag"), 0x12345)
                .putInt(header.offsetOf("stamp_identity", "proof"), 0x7ab)
                .array();
        assertArrayEquals(struct, identity.bytes());
        assertFalse(identity.toString().matches(".*[0-9].*"), identity.toString());
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.shim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tsncni.linux.CHeader;
import java.io.EOFException;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class FrameTest {
    static Stream<Field> numbers() {
        return Stream.of(Frame.class.getDeclaredFields())
                .filter(field -> Modifier.isStatic(field.getModifiers()) && !Modifier.isPrivate(field.getModifiers()));
    }

    @ParameterizedTest
    @MethodSource("numbers")
    void everyNumberIsTheHeaders(Field field) throws IOException, IllegalAccessException {
        CHeader header = CHeader.read("src/main/c/frames.h");
        assertEquals(
                header.define("FRAME_" + field.getName(), field.getName()), Optional.of((Integer) field.get(null)));
    }

    /** A peer's bytes, and what was asked of it. */
    private static final class Peer implements Frame.Source {
        private final ByteBuffer bytes;
        private final List<Integer> asked = new ArrayList<>();

        Peer(byte[] bytes) {
            this.bytes = ByteBuffer.wrap(bytes);
        }

        @Override
        public byte[] readFully(int length) throws IOException {
            asked.add(length);
            if (length > bytes.remaining()) {
                throw new EOFException("closed");
            }
            byte[] read = new byte[length];
            bytes.get(read);
            return read;
        }
    }

    private static byte[] header(int type, int length) {
        return ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(type)
                .putInt(length)
                .array();
    }

    @Test
    void aFrameIsTypeAndLengthAndPayload() {
        assertEquals(
                "04000000" + "03000000" + "616263",
                HexFormat.of().formatHex(new Frame(Frame.RESULT, "abc".getBytes()).bytes()));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4096, Frame.MAX})
    void whatWasWrittenIsReadBack(int length) throws IOException {
        Frame frame = Frame.read(new Peer(new Frame(Frame.REQUEST, new byte[length]).bytes()));
        assertEquals(Frame.REQUEST, frame.type());
        assertArrayEquals(new byte[length], frame.payload());
    }

    @ParameterizedTest
    @ValueSource(ints = {Frame.MAX + 1, Integer.MAX_VALUE, Integer.MIN_VALUE, -1})
    void aPayloadBeyondTheLimitIsNeitherWaitedForNorMadeRoomFor(int length) {
        Peer peer = new Peer(header(Frame.REQUEST, length));
        IOException refusal = assertThrows(IOException.class, () -> Frame.read(peer));
        assertTrue(refusal.getMessage().contains(Integer.toUnsignedString(length)), refusal.getMessage());
        assertEquals(List.of(8), peer.asked);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 8, 12})
    void aFrameCutOffIsTheEndOfTheConversation(int length) {
        byte[] frame = new Frame(Frame.QUERY, new byte[5]).bytes();
        Peer peer = new Peer(Arrays.copyOf(frame, length));
        EOFException end = assertThrows(EOFException.class, () -> Frame.read(peer));
        assertSame("closed", end.getMessage());
    }

    @Test
    void anUnknownTypeIsForTheReaderToJudge() throws IOException {
        assertEquals(-2, Frame.read(new Peer(header(-2, 0))).type());
    }
}

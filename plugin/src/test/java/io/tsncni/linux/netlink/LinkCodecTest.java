// SPDX-License-Identifier: Apache-2.0
package io.tsncni.linux.netlink;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class LinkCodecTest {
    private static final int ATTRIBUTES = 32; // nlmsghdr, ifinfomsg

    /** Where each attribute of a whole message starts. */
    private static List<Integer> attributes(ByteBuffer message) {
        List<Integer> starts = new ArrayList<>();
        for (int at = ATTRIBUTES; at < message.limit(); at += (message.getShort(at) + 3) & ~3) {
            starts.add(at);
        }
        return starts;
    }

    @BeforeAll
    static void theCapturesAreLittleEndian() {
        assumeTrue(ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN);
    }

    static Stream<Arguments> captures() {
        return Stream.of(
                Arguments.of(
                        CapturedLinks.POD_END_OF_VETH,
                        new Link(4242, "net1", "veth", 2, true, 0, false, "06:f9:c2:a9:3b:90")),
                Arguments.of(
                        CapturedLinks.MACVLAN,
                        new Link(78, "mac0", "macvlan", 77, false, 0, false, "7a:d6:ac:d2:c9:65")),
                Arguments.of(
                        CapturedLinks.BRIDGE_PORT,
                        new Link(77, "wire0", "veth", 2, false, 80, false, "fe:05:17:cc:c2:04")),
                Arguments.of(CapturedLinks.LOOPBACK, new Link(1, "lo", "", 0, false, 0, true, "00:00:00:00:00:00")));
    }

    @ParameterizedTest
    @MethodSource("captures")
    void aDeviceIsWhatIpLinkSaysItIs(String captured, Link link) {
        assertEquals(Optional.of(link), LinkCodec.parse(CapturedLinks.bytes(captured)));
    }

    /** RouteSocket passes a slice: a datagram holds several messages. */
    @ParameterizedTest
    @MethodSource("captures")
    void aMessageBehindOthersReadsTheSame(String captured, Link link) {
        ByteBuffer message = CapturedLinks.bytes(captured);
        int before = 1500;
        ByteBuffer datagram = ByteBuffer.allocate(before + message.limit() + 100);
        datagram.put(before, message.array());
        assertEquals(
                Optional.of(link), LinkCodec.parse(NetlinkMessage.slice(datagram, before, before + message.limit())));
    }

    @ParameterizedTest
    @MethodSource("captures")
    void aMessageCutOffAnywhereNeverThrows(String captured, Link link) {
        ByteBuffer message = CapturedLinks.bytes(captured);
        for (int end = 0; end < message.limit(); end++) {
            ByteBuffer cut = NetlinkMessage.slice(message, 0, end);
            assertDoesNotThrow(() -> LinkCodec.parse(cut));
        }
    }

    @ParameterizedTest
    @MethodSource("captures")
    void anAttributeThatLiesAboutItsLengthNeverThrows(String captured, Link link) {
        ByteBuffer message = CapturedLinks.bytes(captured);
        for (int at : attributes(message)) {
            short length = message.getShort(at);
            for (int lie : IntStream.concat(IntStream.rangeClosed(0, length + 8), IntStream.of(0xffff))
                    .toArray()) {
                message.putShort(at, (short) lie);
                String where = "attribute at " + at + ", length " + lie;
                assertDoesNotThrow(() -> LinkCodec.parse(message), where);
            }
            message.putShort(at, length);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void noiseNeverThrows(long seed) {
        Random random = new Random(seed);
        byte[] captured = CapturedLinks.bytes(CapturedLinks.POD_END_OF_VETH).array();
        for (int i = 0; i < 1_000; i++) {
            ByteBuffer message = ByteBuffer.wrap(captured.clone()).order(ByteOrder.LITTLE_ENDIAN);
            for (int flips = random.nextInt(40); flips > 0; flips--) {
                message.put(random.nextInt(message.limit()), (byte) random.nextInt(256));
            }
            assertDoesNotThrow(() -> LinkCodec.parse(message), "seed " + seed);
        }
    }

    @Test
    void aMessageWithoutANameIsNoDevice() {
        ByteBuffer message = CapturedLinks.bytes(CapturedLinks.LOOPBACK);
        assertEquals(3, message.getShort(ATTRIBUTES + 2), "IFLA_IFNAME comes first");
        message.putShort(ATTRIBUTES + 2, (short) 0x3fff);
        assertEquals(Optional.empty(), LinkCodec.parse(message));
    }

    @Test
    void theFlagsOfNestedAttributesAreNoPartOfTheirType() {
        ByteBuffer message = CapturedLinks.bytes(CapturedLinks.POD_END_OF_VETH);
        for (int at : attributes(message)) {
            message.putShort(at + 2, (short) (message.getShort(at + 2) | 0x8000));
        }
        assertEquals(
                Optional.of(new Link(4242, "net1", "veth", 2, true, 0, false, "06:f9:c2:a9:3b:90")),
                LinkCodec.parse(message));
    }

    /** nlmsghdr {32, RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP, 0, 0}, ifinfomsg of AF_UNSPEC; what ip link sends. */
    @Test
    void theRequestAsksForEveryDevice() {
        assertArrayEquals(
                HexFormat.of().parseHex("20000000" + "1200" + "0103" + "00".repeat(24)), LinkCodec.linksRequest());
    }

    @ParameterizedTest
    @ValueSource(strings = {"veth", "netkit"})
    void aPairCrossesANamespaceBorder(String kind) {
        assertEquals(true, new Link(2, "eth0", kind, 3, true, 0, false, "").isPair());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "macvlan", "ipvlan", "vlan", "dummy", "vethx"})
    void anyOtherDeviceKeepsThePriority(String kind) {
        assertEquals(false, new Link(2, "eth0", kind, 3, true, 0, false, "").isPair());
    }
}

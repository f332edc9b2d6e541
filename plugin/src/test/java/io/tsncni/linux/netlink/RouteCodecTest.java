// SPDX-License-Identifier: Apache-2.0
package io.tsncni.linux.netlink;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.InetAddress;
import java.net.StandardProtocolFamily;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RouteCodecTest {
    @BeforeAll
    static void theCapturesAreLittleEndian() {
        assumeTrue(ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN);
    }

    private static Route route(String captured) {
        return RouteCodec.parseDefault(CapturedRoutes.bytes(captured)).orElseThrow();
    }

    private static String hex(byte[] message) {
        return HexFormat.of().formatHex(message);
    }

    static Stream<Arguments> captures() {
        return Stream.of(
                Arguments.of(CapturedRoutes.VIA, "INET default [via 10.9.0.1 dev 7]"),
                Arguments.of(CapturedRoutes.LINK, "INET default [dev 7]"),
                Arguments.of(CapturedRoutes.VIA_INET6, "INET default [via fe80:0:0:0:0:0:0:1 dev 7]"),
                Arguments.of(CapturedRoutes.NEXTHOP_OBJECT, "INET default [via 10.9.0.1 dev 7]"),
                Arguments.of(CapturedRoutes.MULTIPATH, "INET default [via 10.9.0.1 dev 7, via 10.8.0.1 dev 8]"),
                Arguments.of(CapturedRoutes.VIA_6, "INET6 default [via fd09:0:0:0:0:0:0:1 dev 7]"),
                Arguments.of(CapturedRoutes.LINK_6, "INET6 default [dev 7]"),
                Arguments.of(
                        CapturedRoutes.MULTIPATH_6,
                        "INET6 default [via fd09:0:0:0:0:0:0:1 dev 7, via fd08:0:0:0:0:0:0:1 dev 8]"));
    }

    @ParameterizedTest
    @MethodSource("captures")
    void aDefaultRouteIsWhatIpRouteMadeIt(String captured, String shown) {
        Route route = route(captured);
        assertEquals(shown, route.family() + " " + route);
        assertEquals(CapturedRoutes.bytes(captured), route.message());
    }

    /** RouteSocket passes a slice: a datagram holds several messages. */
    @ParameterizedTest
    @MethodSource("captures")
    void aMessageBehindOthersReadsTheSame(String captured, String shown) {
        ByteBuffer message = CapturedRoutes.bytes(captured);
        int before = 1500;
        ByteBuffer datagram = ByteBuffer.allocate(before + message.limit() + 100);
        datagram.put(before, message.array());
        assertEquals(
                Optional.of(route(captured)),
                RouteCodec.parseDefault(NetlinkMessage.slice(datagram, before, before + message.limit())));
    }

    @ParameterizedTest
    @ValueSource(strings = {CapturedRoutes.OF_TABLE_100, CapturedRoutes.BLACKHOLE, CapturedRoutes.UNREACHABLE_6})
    void whatIsNoUnicastRouteOfTheMainTableIsNone(String captured) {
        assertEquals(Optional.empty(), RouteCodec.parseDefault(CapturedRoutes.bytes(captured)));
    }

    /** Bytes of struct rtmsg: a family that is neither (MPLS), a destination, a source. */
    @ParameterizedTest
    @CsvSource({"16, 28", "17, 8", "18, 64"})
    void whatIsNoDefaultRouteIsNone(int at, byte value) {
        ByteBuffer message = CapturedRoutes.bytes(CapturedRoutes.VIA_6).put(at, value);
        assertEquals(Optional.empty(), RouteCodec.parseDefault(message));
    }

    @ParameterizedTest
    @MethodSource("captures")
    void aMessageCutOffAnywhereNeverThrows(String captured, String shown) {
        ByteBuffer message = CapturedRoutes.bytes(captured);
        for (int end = 0; end < message.limit(); end++) {
            ByteBuffer cut = NetlinkMessage.slice(message, 0, end);
            assertDoesNotThrow(() -> RouteCodec.parseDefault(cut).map(RouteCodec::delete));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {CapturedRoutes.MULTIPATH, CapturedRoutes.MULTIPATH_6, CapturedRoutes.VIA_INET6})
    void noiseNeverThrows(String captured) {
        Random random = new Random(captured.length());
        for (int i = 0; i < 2_000; i++) {
            ByteBuffer message = CapturedRoutes.bytes(captured);
            for (int flips = random.nextInt(6); flips > 0; flips--) {
                message.put(28 + random.nextInt(message.limit() - 28), (byte) random.nextInt(64));
            }
            assertDoesNotThrow(() -> {
                Optional<Route> route = RouteCodec.parseDefault(message);
                route.map(RouteCodec::delete);
                route.filter(found -> found.nextHops().size() > 1)
                        .map(found -> RouteCodec.keep(found, hop -> hop.ifIndex() == 8));
            });
        }
    }

    /** nlmsghdr {28, RTM_GETROUTE, NLM_F_REQUEST | NLM_F_DUMP, 0, 0}, rtmsg of AF_UNSPEC. */
    @Test
    void theRequestAsksForTheRoutesOfEveryFamily() {
        assertEquals("1c000000" + "1a00" + "0103" + "00".repeat(20), hex(RouteCodec.routesRequest()));
    }

    /** As ip route flush does: what the kernel said, sent back as RTM_DELROUTE. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                CapturedRoutes.VIA,
                CapturedRoutes.LINK,
                CapturedRoutes.VIA_INET6,
                CapturedRoutes.MULTIPATH,
                CapturedRoutes.VIA_6,
                CapturedRoutes.MULTIPATH_6
            })
    void aRouteIsDeletedByAllThatTheKernelSaidOfIt(String captured) {
        ByteBuffer message = CapturedRoutes.bytes(captured);
        message.putShort(4, (short) 25).putShort(6, (short) 5).putInt(8, 0).putInt(12, 0);
        assertEquals(hex(message.array()), hex(RouteCodec.delete(route(captured))));
    }

    @Test
    void theStateOfARouteIsNotSentBack() {
        ByteBuffer linkDown =
                CapturedRoutes.bytes(CapturedRoutes.VIA).putInt(24, 0x4014); // offloaded, link down, on link
        byte[] delete = RouteCodec.delete(RouteCodec.parseDefault(linkDown).orElseThrow());
        assertEquals("04000000", hex(delete).substring(48, 56));
    }

    /** RTA_TABLE, RTA_PRIORITY and RTA_NH_ID; the kernel refuses RTA_OIF and RTA_GATEWAY beside that. */
    @Test
    void aRouteByANexthopObjectIsDeletedByTheObject() {
        assertEquals(
                "34000000" + "1900" + "0500" + "00".repeat(8) + "02000000fe03000100000000" + "08000f00fe000000"
                        + "0800060046000000" + "08001e0005000000",
                hex(RouteCodec.delete(route(CapturedRoutes.NEXTHOP_OBJECT))));
    }

    /** RTM_NEWROUTE with NLM_F_REPLACE, RTA_TABLE, RTA_PRIORITY, RTA_METRICS, and RTA_MULTIPATH with net1's hop. */
    @Test
    void aMultipathRouteIsReplacedByTheHopsThatAreKept() {
        assertEquals(
                "4c000000" + "1800" + "0501" + "00".repeat(8) + "02000000fe03000100000000"
                        + "08000f00fe000000" + "0800060064000000" + "0c0008000800020078050000"
                        + "14000900" + "1000000108000000" + "080005000a080001",
                hex(RouteCodec.keep(route(CapturedRoutes.MULTIPATH), hop -> hop.ifIndex() == 8)));
    }

    @Test
    void theStateOfANextHopIsNotSentBack() {
        ByteBuffer message = CapturedRoutes.bytes(CapturedRoutes.MULTIPATH);
        int flagsOfTheSecondHop = message.limit() - 14;
        assertEquals(1, message.get(flagsOfTheSecondHop + 1), "its weight, less 1, is behind the flags");
        message.put(flagsOfTheSecondHop, (byte) 0x15); // dead, link down, on link
        byte[] kept = RouteCodec.keep(RouteCodec.parseDefault(message).orElseThrow(), hop -> hop.ifIndex() == 8);
        assertEquals(4, kept[kept.length - 14]);
    }

    /** NLM_F_CREATE | NLM_F_EXCL, main table, RTPROT_BOOT, RTN_UNICAST; RTA_OIF and RTA_GATEWAY. */
    @ParameterizedTest
    @CsvSource({
        "10.9.0.1, 2c000000, 02000000fe03000100000000, 080005000a090001",
        "fd09::1, 38000000, 0a000000fe03000100000000, 14000500fd090000000000000000000000000001"
    })
    void aDefaultRouteIsAddedByItsGateway(String gateway, String length, String rtmsg, String attribute)
            throws UnknownHostException {
        assertEquals(
                length + "1800" + "0506" + "00".repeat(8) + rtmsg + "0800040007000000" + attribute,
                hex(RouteCodec.add(7, InetAddress.getByName(gateway))));
    }

    @Test
    void aRouteIsByEachInterfaceOfItsHops() {
        Route route = route(CapturedRoutes.MULTIPATH);
        assertEquals(StandardProtocolFamily.INET, route.family());
        assertEquals(true, route.isBy(7) && route.isBy(8));
        assertEquals(false, route.isBy(9));
    }
}

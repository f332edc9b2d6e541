// SPDX-License-Identifier: Apache-2.0
package io.tsncni.linux.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;

/**
 * RTM_NEWROUTE messages as Linux 6.18 on amd64 answered dumps of AF_INET and AF_INET6, read by a raw AF_NETLINK socket in
 * Python, in a fresh network namespace with addresses in 10.9.0.0/24 and fd09::/64 (eth0), 10.8.0.0/24 and fd08::/64
 * (net1). In the order of the constants:
 *
 * <pre>
 * # ip link add eth0 index 7 type veth peer name h0
 * # ip link add net1 index 8 type veth peer name h1
 * # ip route add default via 10.9.0.3 dev eth0 table 100
 * # ip route add default via 10.9.0.1 dev eth0
 * # ip route add default dev eth0 scope link metric 50
 * # ip -4 route add default via inet6 fe80::1 dev eth0 metric 60
 * # ip nexthop add id 5 via 10.9.0.1 dev eth0
 * # ip route add default nhid 5 metric 70
 * # ip route add default metric 100 mtu 1400 nexthop via 10.9.0.1 dev eth0 nexthop via 10.8.0.1 dev net1 weight 2
 * # ip route add blackhole default metric 300
 * # ip -6 route add default via fd09::1 dev eth0
 * # ip -6 route add default dev eth0 metric 2000
 * # ip -6 route add default metric 3000 nexthop via fd09::1 dev eth0 nexthop via fd08::1 dev net1
 * # ip -6 route add unreachable default metric 4000
 * </pre>
 */
final class CapturedRoutes {
    static final String OF_TABLE_100 =
            """
            3400000018000200000000006f21000002000000640300010000000008000f0064000000080005000a0900030800040007000000
            """;

    static final String VIA =
            """
            3400000018000200000000006f21000002000000fe0300010000000008000f00fe000000080005000a0900010800040007000000
            """;

    static final String LINK =
            """
            3400000018000200000000006f21000002000000fe03fd010000000008000f00fe00000008000600320000000800040007000000
            """;

    static final String VIA_INET6 =
            """
            4c00000018000200000000006f21000002000000fe0300010000000008000f00fe000000080006003c000000160012000a00fe80
            000000000000000000000000000100000800040007000000
            """;

    static final String NEXTHOP_OBJECT =
            """
            4400000018000200000000006f21000002000000fe0300010000000008000f00fe000000080006004600000008001e0005000000
            080005000a0900010800040007000000
            """;

    static final String MULTIPATH =
            """
            5c00000018000200000000006f21000002000000fe0300010000000008000f00fe00000008000600640000000c00080008000200
            78050000240009001000000007000000080005000a0900011000000108000000080005000a080001
            """;

    static final String BLACKHOLE =
            """
            2c00000018000200000000006f21000002000000fe0300060000000008000f00fe000000080006002c010000
            """;

    static final String VIA_6 =
            """
            7400000018000200000000006f2100000a000000fe0300010000000008000f00fe000000080006000004000014000500fd090000
            000000000000000000000001080004000700000024000c0000000000000000000000000000000000000000000000000000000000
            000000000500140000000000
            """;

    static final String LINK_6 =
            """
            6000000018000200000000006f2100000a000000fe0300010000000008000f00fe00000008000600d00700000800040007000000
            24000c0000000000000000000000000000000000000000000000000000000000000000000500140000000000
            """;

    static final String MULTIPATH_6 =
            """
            9400000018000200000000006f2100000a000000fe0300010000000008000f00fe00000008000600b80b00003c0009001c000000
            0700000014000500fd0900000000000000000000000000011c0000000800000014000500fd080000000000000000000000000001
            24000c0000000000000000000000000000000000000000000000000000000000000000000500140000000000
            """;

    static final String UNREACHABLE_6 =
            """
            6000000018000200000000006f2100000a000000fe0300070000000008000f00fe00000008000600a00f00000800040001000000
            24000c0000000000000000000000000000000000000000000000000000000000000000000500140000000000
            """;

    private CapturedRoutes() {}

    static ByteBuffer bytes(String captured) {
        return ByteBuffer.wrap(HexFormat.of().parseHex(captured.replaceAll("\\s", "")))
                .order(ByteOrder.LITTLE_ENDIAN);
    }
}

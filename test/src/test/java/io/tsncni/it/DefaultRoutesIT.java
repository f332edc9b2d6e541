// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tsncni.linux.netlink.DefaultRoutes;
import io.tsncni.linux.netns.NetworkNamespace;
import io.tsncni.testbed.PodNetns;
import java.io.IOException;
import java.net.InetAddress;
import java.net.StandardProtocolFamily;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The default routes of eth0 in a pod that has net1, too; what {@code ip route} says before and after. */
@RequiresRoot
class DefaultRoutesIT {
    private static final int ETH0 = 4242;
    private static final Set<StandardProtocolFamily> BOTH =
            EnumSet.of(StandardProtocolFamily.INET, StandardProtocolFamily.INET6);

    private PodNetns pod;

    @BeforeEach
    void aPodWithTwoInterfaces() {
        pod = PodNetns.create("routes");
        ip("link add eth0 index " + ETH0 + " type veth peer name host0");
        ip("link add net1 type veth peer name host1");
        for (String end : List.of("eth0", "host0", "net1", "host1")) {
            ip("link set " + end + " up");
        }
        ip("address add 10.9.0.2/24 dev eth0");
        ip("address add fd09::2/64 dev eth0");
        ip("address add 10.8.0.2/24 dev net1");
        ip("address add fd08::2/64 dev net1");
        ip("-4 route add 10.7.0.0/16 via 10.9.0.9");
        ip("-6 route add fd07::/64 via fd09::9");
    }

    @AfterEach
    void thePodGoes() {
        pod.close();
    }

    private String ip(String arguments) {
        return pod.command("ip").and(arguments.split(" ")).run().stdout();
    }

    private void replace(Set<StandardProtocolFamily> families, InetAddress... gateways) throws IOException {
        try (NetworkNamespace namespace = NetworkNamespace.open(pod.path()).orElseThrow()) {
            namespace.call(() -> {
                DefaultRoutes.replace(ETH0, families, List.of(gateways));
                return null;
            });
        }
    }

    private static InetAddress[] addresses(String list) throws IOException {
        List<InetAddress> addresses = new ArrayList<>();
        for (String address : list.isEmpty() ? new String[0] : list.split(" ")) {
            addresses.add(InetAddress.getByName(address));
        }
        return addresses.toArray(new InetAddress[0]);
    }

    /** The default routes, IPv4 first, without what is the same for all. */
    private String defaultRoutes() {
        return routes().filter(route -> route.startsWith("default"))
                .map(route -> route.replaceAll(" (pref medium|weight 1)", ""))
                .collect(Collectors.joining(", "));
    }

    private Stream<String> routes() {
        return Stream.of("-4 -o route show", "-6 -o route show")
                .flatMap(arguments -> ip(arguments).lines())
                .map(route -> route.replaceAll("[\\s\\\\]+", " ").strip());
    }

    @Tag("kernel")
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            -4 default via 10.9.0.1 dev eth0
            -4 default dev eth0 scope link
            -4 default dev eth0 metric 50
            -4 default via 10.9.0.1 dev eth0 metric 100 proto dhcp src 10.9.0.2 mtu 1400
            -4 default via 10.9.0.1 dev eth0 tos 0x10
            -4 default via 192.0.2.1 dev eth0 onlink
            -4 default via inet6 fe80::1 dev eth0
            -4 default nexthop via 10.9.0.1 dev eth0 nexthop via 10.9.0.3 dev eth0
            -6 default via fd09::1 dev eth0
            -6 default dev eth0
            -6 default via fe80::1 dev eth0 metric 50 proto ra expires 600 pref high
            -6 default nexthop via fd09::1 dev eth0 nexthop via fd09::3 dev eth0
            """)
    void aDefaultRouteOfAnyKindGoes(String route) throws IOException {
        ip(route.replaceFirst("default", "route add default"));
        assertTrue(defaultRoutes().startsWith("default"), "it was not there in the first place");
        replace(BOTH);
        assertEquals("", defaultRoutes());
    }

    @Tag("kernel")
    @Test
    void aRouteByANexthopObjectGoesAndTheObjectStays() throws IOException {
        ip("nexthop add id 5 via 10.9.0.1 dev eth0");
        ip("nexthop add id 6 via fd09::1 dev eth0");
        ip("-4 route add default nhid 5");
        ip("-6 route add default nhid 6");
        String objects = ip("nexthop");
        replace(BOTH);
        assertEquals("", defaultRoutes());
        assertEquals(objects, ip("nexthop"));
    }

    @Test
    void ofARouteByAGroupOfNexthopObjectsTheOtherInterfacesStay() throws IOException {
        ip("nexthop add id 5 via 10.9.0.1 dev eth0");
        ip("nexthop add id 6 via 10.8.0.1 dev net1");
        ip("nexthop add id 7 group 5/6");
        ip("nexthop add id 8 via fd09::1 dev eth0");
        ip("nexthop add id 9 via fd08::1 dev net1");
        ip("nexthop add id 10 group 8/9");
        ip("-4 route add default nhid 7 metric 3");
        ip("-6 route add default nhid 10 metric 3");
        replace(BOTH);
        assertEquals("default via 10.8.0.1 dev net1 metric 3, default via fd08::1 dev net1 metric 3", defaultRoutes());
    }

    /** Families, gateways, routes before, routes after. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            INET INET6 | ''               | -4 via 10.9.0.1 dev eth0, -4 dev eth0 scope link metric 7, -6 via fd09::1 dev eth0 \
            | ''
            INET       | ''               | -4 via 10.9.0.1 dev eth0, -6 via fd09::1 dev eth0 \
            | default via fd09::1 dev eth0 metric 1024
            INET6      | ''               | -4 via 10.9.0.1 dev eth0, -6 via fd09::1 dev eth0 \
            | default via 10.9.0.1 dev eth0
            INET INET6 | 10.9.0.7 fd09::7 | -4 via 10.9.0.1 dev eth0, -6 via fd09::1 dev eth0, -6 via fd09::3 dev eth0 metric 9 \
            | default via 10.9.0.7 dev eth0, default via fd09::7 dev eth0 metric 1024
            INET INET6 | 10.9.0.7 10.9.0.7 | -6 via fd09::1 dev eth0 \
            | default via 10.9.0.7 dev eth0
            INET INET6 | fe80::7          | '' \
            | default via fe80::7 dev eth0 metric 1024
            ''         | 10.9.0.7 fd09::7 | -4 via 10.9.0.1 dev eth0 metric 5 \
            | default via 10.9.0.7 dev eth0, default via 10.9.0.1 dev eth0 metric 5, default via fd09::7 dev eth0 metric 1024
            INET INET6 | 10.9.0.1 fd09::1 | -4 via 10.9.0.1 dev eth0 metric 50, -6 via fd09::1 dev eth0 metric 60, -4 dev eth0 \
            | default via 10.9.0.1 dev eth0 metric 50, default via fd09::1 dev eth0 metric 60
            INET INET6 | 10.9.0.7         | -4 via 10.8.0.1 dev net1 metric 5, -6 via fd08::1 dev net1, -4 via 10.9.0.1 dev eth0 \
            | default via 10.9.0.7 dev eth0, default via 10.8.0.1 dev net1 metric 5, default via fd08::1 dev net1 metric 1024
            INET INET6 | fe80::1          | -4 via inet6 fe80::1 dev eth0 \
            | default via fe80::1 dev eth0 metric 1024
            INET INET6 | ''               | -4 nexthop via 10.9.0.1 dev eth0 nexthop via 10.8.0.1 dev net1 weight 2 \
            | default via 10.8.0.1 dev net1
            INET INET6 | ''               | -6 nexthop via fd09::1 dev eth0 nexthop via fd08::1 dev net1 nexthop via fd08::3 dev net1 \
            | default metric 1024 nexthop via fd08::1 dev net1 nexthop via fd08::3 dev net1
            INET       | 10.9.0.3         | -4 metric 5 nexthop via 10.9.0.1 dev eth0 nexthop via 10.9.0.3 dev eth0 nexthop via 10.8.0.1 dev net1 \
            | default metric 5 nexthop via 10.9.0.3 dev eth0 nexthop via 10.8.0.1 dev net1
            INET INET6 | ''               | -4 unreachable metric 9, -6 unreachable metric 9, -4 via 10.9.0.1 dev eth0 table 100 \
            | ''
            """)
    void theDefaultRoutesThatAreLeftAreThoseByTheGateways(String families, String gateways, String before, String after)
            throws IOException {
        Set<StandardProtocolFamily> taken = EnumSet.noneOf(StandardProtocolFamily.class);
        Stream.of(families.split(" "))
                .filter(family -> !family.isEmpty())
                .map(StandardProtocolFamily::valueOf)
                .forEach(taken::add);
        for (String route : before.isEmpty() ? new String[0] : before.split(", ")) {
            String kind = route.contains("unreachable") ? "unreachable " : "";
            ip(route.replace("unreachable ", "").replaceFirst("^(..)", "$1 route add " + kind + "default"));
        }
        List<String> others = others();

        replace(taken, addresses(gateways));
        assertEquals(after, defaultRoutes());
        replace(taken, addresses(gateways));
        assertEquals(after, defaultRoutes(), "the second time something changes");
        assertEquals(others, others());
    }

    /** Every route but the default ones of the main table, and those that the kernel makes when it gets round to it. */
    private List<String> others() {
        return Stream.of("-4 -o route show table all", "-6 -o route show table all")
                .flatMap(arguments -> ip(arguments).lines())
                .filter(route -> !route.startsWith("default") || route.contains("table"))
                .filter(route -> !route.contains("proto kernel"))
                .toList();
    }

    @Test
    void defaultRoutesAreFoundAmongThousandsOfOthers() throws IOException {
        String batch = IntStream.range(0, 3_000)
                .mapToObj(i -> "route add 172.%d.%d.0/24 dev net1\nroute add fd00:%x::/64 dev net1\n"
                        .formatted(16 + i / 256, i % 256, i))
                .collect(Collectors.joining());
        pod.command("ip", "-batch", "-").reading(batch).run();
        ip("-4 route add default via 10.9.0.1 dev eth0");
        ip("-6 route add default via fd09::1 dev eth0");
        List<String> others = others();
        replace(BOTH, addresses("10.9.0.7 fd09::7"));
        assertEquals("default via 10.9.0.7 dev eth0, default via fd09::7 dev eth0 metric 1024", defaultRoutes());
        assertEquals(others, others());
    }

    @ParameterizedTest
    @CsvSource({
        "10.9.0.7, -4 route add default via 10.8.0.1 dev net1",
        "fd09::7, -6 route add default via fd08::1 dev net1"
    })
    void anotherInterfacesRouteInTheSamePlaceIsAnErrorAndStays(String gateway, String other) throws IOException {
        ip(other);
        String before = defaultRoutes();
        IOException refusal = assertThrows(IOException.class, () -> replace(BOTH, addresses(gateway)));
        assertTrue(
                refusal.getMessage().endsWith(" dev " + ETH0 + ": another default route is in its place already"),
                refusal.getMessage());
        assertEquals(before, defaultRoutes());
    }

    @Test
    void aGatewayThatIsNotOnTheLinkIsAnError() throws IOException {
        IOException refusal = assertThrows(IOException.class, () -> replace(BOTH, addresses("192.0.2.1")));
        assertEquals(
                "RTM_NEWROUTE(default via 192.0.2.1 dev 4242): Network is unreachable (errno 101)",
                refusal.getMessage());
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.cni;

/**
 * What Debian 12's plugins (containernetworking-plugins 1.1.1) printed for ADD, white space taken out. In a namespace of
 * its own with a veth end named up0:
 *
 * <pre>
 * # ip netns add pod
 * # CNI_COMMAND=ADD CNI_CONTAINERID=c1 CNI_NETNS=/run/netns/pod CNI_IFNAME=eth0 CNI_PATH=/usr/lib/cni \
 *       /usr/lib/cni/bridge
 * {"cniVersion": VERSION, "name": "plant", "type": "bridge", "bridge": "br0", "isGateway": true,
 *  "dns": {"nameservers": ["10.9.0.1"], "search": ["plant.example"]},
 *  "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.9.0.0/24"}], [{"subnet": "fd09::/64"}]],
 *   "routes": [{"dst": "0.0.0.0/0"}, {"dst": "::/0", "gw": "fd09::1"}, {"dst": "192.168.0.0/16", "gw": "10.9.0.7"}]}}
 * </pre>
 *
 * For ptp and macvlan with {@code "master": "up0"} the same, and no bridge. Who configures no version is asked in 0.1.0,
 * and these plugins say so. LAYER_2 is macvlan with {@code "ipam": {}}.
 */
public final class CapturedResults {
    public static final String BRIDGE_WITHOUT_VERSION =
            """
            {"cniVersion":"0.1.0","ip4":{"ip":"10.9.0.2/24","gateway":"10.9.0.1","routes":[{"dst":"0.0.0.0/0"},\
            {"dst":"192.168.0.0/16","gw":"10.9.0.7"}]},"ip6":{"ip":"fd09::2/64","gateway":"fd09::1",\
            "routes":[{"dst":"::/0","gw":"fd09::1"}]},"dns":{"nameservers":["10.9.0.1"],"search":["plant.example"]}}""";

    public static final String BRIDGE_0_2_0 =
            """
            {"cniVersion":"0.2.0","ip4":{"ip":"10.9.0.2/24","gateway":"10.9.0.1","routes":[{"dst":"0.0.0.0/0"},\
            {"dst":"192.168.0.0/16","gw":"10.9.0.7"}]},"ip6":{"ip":"fd09::2/64","gateway":"fd09::1",\
            "routes":[{"dst":"::/0","gw":"fd09::1"}]},"dns":{"nameservers":["10.9.0.1"],"search":["plant.example"]}}""";

    public static final String BRIDGE_0_3_0 =
            """
            {"cniVersion":"0.3.0","interfaces":[{"name":"br0","mac":"22:38:f2:98:f8:8f"},{"name":"vethdc9911f7",\
            "mac":"66:d4:ee:a0:c8:4b"},{"name":"eth0","mac":"02:29:01:24:d3:c9","sandbox":"/run/netns/pod"}],\
            "ips":[{"version":"4","interface":2,"address":"10.9.0.2/24","gateway":"10.9.0.1"},{"version":"6",\
            "interface":2,"address":"fd09::2/64","gateway":"fd09::1"}],"routes":[{"dst":"0.0.0.0/0"},{"dst":"::/0",\
            "gw":"fd09::1"},{"dst":"192.168.0.0/16","gw":"10.9.0.7"}],"dns":{"nameservers":["10.9.0.1"],\
            "search":["plant.example"]}}""";

    public static final String BRIDGE_0_3_1 =
            """
            {"cniVersion":"0.3.1","interfaces":[{"name":"br0","mac":"22:38:f2:98:f8:8f"},{"name":"veth18c66152",\
            "mac":"a2:aa:1a:42:89:f9"},{"name":"eth0","mac":"6e:c0:c6:f9:63:e2","sandbox":"/run/netns/pod"}],\
            "ips":[{"version":"4","interface":2,"address":"10.9.0.2/24","gateway":"10.9.0.1"},{"version":"6",\
            "interface":2,"address":"fd09::2/64","gateway":"fd09::1"}],"routes":[{"dst":"0.0.0.0/0"},{"dst":"::/0",\
            "gw":"fd09::1"},{"dst":"192.168.0.0/16","gw":"10.9.0.7"}],"dns":{"nameservers":["10.9.0.1"],\
            "search":["plant.example"]}}""";

    public static final String BRIDGE_0_4_0 =
            """
            {"cniVersion":"0.4.0","interfaces":[{"name":"br0","mac":"22:38:f2:98:f8:8f"},{"name":"veth61e87967",\
            "mac":"96:c1:8f:9a:38:de"},{"name":"eth0","mac":"2a:65:d6:37:ad:a4","sandbox":"/run/netns/pod"}],\
            "ips":[{"version":"4","interface":2,"address":"10.9.0.2/24","gateway":"10.9.0.1"},{"version":"6",\
            "interface":2,"address":"fd09::2/64","gateway":"fd09::1"}],"routes":[{"dst":"0.0.0.0/0"},{"dst":"::/0",\
            "gw":"fd09::1"},{"dst":"192.168.0.0/16","gw":"10.9.0.7"}],"dns":{"nameservers":["10.9.0.1"],\
            "search":["plant.example"]}}""";

    public static final String BRIDGE_1_0_0 =
            """
            {"cniVersion":"1.0.0","interfaces":[{"name":"br0","mac":"22:38:f2:98:f8:8f"},{"name":"veth3850ef2c",\
            "mac":"b2:80:9e:3b:15:53"},{"name":"eth0","mac":"2e:8c:79:f8:68:9f","sandbox":"/run/netns/pod"}],\
            "ips":[{"interface":2,"address":"10.9.0.2/24","gateway":"10.9.0.1"},{"interface":2,\
            "address":"fd09::2/64","gateway":"fd09::1"}],"routes":[{"dst":"0.0.0.0/0"},{"dst":"::/0",\
            "gw":"fd09::1"},{"dst":"192.168.0.0/16","gw":"10.9.0.7"}],"dns":{"nameservers":["10.9.0.1"],\
            "search":["plant.example"]}}""";

    public static final String PTP_0_4_0 =
            """
            {"cniVersion":"0.4.0","interfaces":[{"name":"vethd8aee161","mac":"0e:c8:41:33:e6:a9"},{"name":"eth0",\
            "mac":"0a:bf:47:aa:d5:05","sandbox":"/run/netns/pod"}],"ips":[{"version":"4","interface":1,\
            "address":"10.9.0.2/24","gateway":"10.9.0.1"},{"version":"6","interface":1,"address":"fd09::2/64",\
            "gateway":"fd09::1"}],"routes":[{"dst":"0.0.0.0/0"},{"dst":"::/0","gw":"fd09::1"},\
            {"dst":"192.168.0.0/16","gw":"10.9.0.7"}],"dns":{"nameservers":["10.9.0.1"],"search":["plant.example"]}}""";

    public static final String MACVLAN_1_0_0 =
            """
            {"cniVersion":"1.0.0","interfaces":[{"name":"eth0","mac":"96:d4:d7:24:04:c8",\
            "sandbox":"/run/netns/pod"}],"ips":[{"interface":0,"address":"10.9.0.2/24","gateway":"10.9.0.1"},\
            {"interface":0,"address":"fd09::2/64","gateway":"fd09::1"}],"routes":[{"dst":"0.0.0.0/0"},{"dst":"::/0",\
            "gw":"fd09::1"},{"dst":"192.168.0.0/16","gw":"10.9.0.7"}],"dns":{"nameservers":["10.9.0.1"],\
            "search":["plant.example"]}}""";

    public static final String LAYER_2_0_4_0 =
            """
            {"cniVersion":"0.4.0","interfaces":[{"name":"net1","mac":"5e:a9:bd:1c:4f:4d",\
            "sandbox":"/run/netns/pod"}],"dns":{}}""";

    private CapturedResults() {}
}

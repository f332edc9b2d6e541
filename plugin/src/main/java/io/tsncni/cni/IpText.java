// SPDX-License-Identifier: Apache-2.0
package io.tsncni.cni;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.regex.Pattern;

/** IP addresses as text, the way that libcni reads and writes them. Nothing here asks a name server. */
public final class IpText {
    private static final String OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
    private static final Pattern V4 = Pattern.compile("(" + OCTET + "\\.){3}" + OCTET);
    /** Not yet an address, but nothing that {@link InetAddress#getByName} takes for a name or a scope. */
    private static final Pattern LIKE_V6 = Pattern.compile("(?=.*:)[0-9a-fA-F:][0-9a-fA-F:.]*");

    private static final int V6_GROUPS = 8;

    private IpText() {}

    public static Optional<InetAddress> parse(String text) {
        if (!V4.matcher(text).matches() && !LIKE_V6.matcher(text).matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(InetAddress.getByName(text));
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
    }

    /** RFC 5952: lower case, and the first of the longest runs of zero groups as "::". */
    public static String of(InetAddress address) {
        if (address instanceof Inet4Address) {
            return address.getHostAddress();
        }
        int[] groups = groups(address.getAddress());
        int zerosAt = V6_GROUPS;
        int zeros = 1; // a single group is not shortened
        for (int at = 0; at < V6_GROUPS; at++) {
            int end = at;
            while (end < V6_GROUPS && groups[end] == 0) {
                end++;
            }
            if (end - at > zeros) {
                zerosAt = at;
                zeros = end - at;
            }
        }
        if (zerosAt == V6_GROUPS) {
            return hex(groups, 0, V6_GROUPS);
        }
        return hex(groups, 0, zerosAt) + "::" + hex(groups, zerosAt + zeros, V6_GROUPS);
    }

    private static int[] groups(byte[] address) {
        int[] groups = new int[V6_GROUPS];
        for (int i = 0; i < V6_GROUPS; i++) {
            groups[i] = Byte.toUnsignedInt(address[2 * i]) << Byte.SIZE | Byte.toUnsignedInt(address[2 * i + 1]);
        }
        return groups;
    }

    private static String hex(int[] groups, int from, int to) {
        StringBuilder text = new StringBuilder();
        for (int i = from; i < to; i++) {
            text.append(i == from ? "" : ":").append(Integer.toHexString(groups[i]));
        }
        return text.toString();
    }
}

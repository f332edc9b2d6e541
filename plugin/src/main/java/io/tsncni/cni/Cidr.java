// SPDX-License-Identifier: Apache-2.0
package io.tsncni.cni;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.StandardProtocolFamily;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An address with the length of its prefix: {@code 10.9.0.2/24}. The bits behind the prefix are kept. */
public record Cidr(InetAddress address, int prefixLength) {
    private static final Pattern TEXT = Pattern.compile("([^/]*)/(0|[1-9][0-9]{0,2})");

    public static Optional<Cidr> parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        int prefixLength = Integer.parseInt(matcher.group(2));
        return IpText.parse(matcher.group(1))
                .filter(address -> prefixLength <= address.getAddress().length * Byte.SIZE)
                .map(address -> new Cidr(address, prefixLength));
    }

    /** What holds every address of its family: the destination of a default route. */
    public static Cidr everything(StandardProtocolFamily family) {
        return parse(family == StandardProtocolFamily.INET ? "0.0.0.0/0" : "::/0")
                .orElseThrow();
    }

    public static StandardProtocolFamily familyOf(InetAddress address) {
        return address instanceof Inet4Address ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6;
    }

    public StandardProtocolFamily family() {
        return familyOf(address);
    }

    @Override
    public String toString() {
        return IpText.of(address) + "/" + prefixLength;
    }
}

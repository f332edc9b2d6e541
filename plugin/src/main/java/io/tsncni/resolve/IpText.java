// SPDX-License-Identifier: Apache-2.0
package io.tsncni.resolve;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;

/** IP addresses out of text, never out of DNS: what {@link InetAddress#getByName} does not know it asks for. */
final class IpText {
    /** The longest: eight groups, the last two as IPv4. */
    private static final int LENGTH_MAX = 45;

    private static final Pattern DECIMAL = Pattern.compile("0|[1-9][0-9]{0,2}");
    private static final Pattern GROUP = Pattern.compile("[0-9a-fA-F]{1,4}");

    private IpText() {}

    static boolean isAddress(String text) {
        return parse(text).isPresent();
    }

    /** An address with the length of its prefix behind a slash. */
    static boolean isCidr(String text) {
        int slash = text.indexOf('/');
        if (slash < 0 || !isAddress(text.substring(0, slash))) {
            return false;
        }
        String prefix = text.substring(slash + 1);
        int bits = text.indexOf(':') < 0 ? 32 : 128;
        return DECIMAL.matcher(prefix).matches() && Integer.parseInt(prefix) <= bits;
    }

    /** An IPv4 address in IPv6 form ({@code ::ffff:10.0.0.1}) is an IPv4 address, as it is for Go. */
    static Optional<InetAddress> parse(String text) {
        if (text.length() > LENGTH_MAX) {
            return Optional.empty();
        }
        Optional<byte[]> bytes = text.indexOf(':') < 0 ? v4(text) : v6(text);
        return bytes.map(IpText::address);
    }

    private static InetAddress address(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(bytes.length + " bytes", e);
        }
    }

    private static Optional<byte[]> v4(String text) {
        String[] parts = text.split("\\.", -1);
        if (parts.length != 4) {
            return Optional.empty();
        }
        byte[] bytes = new byte[4];
        for (int i = 0; i < 4; i++) {
            if (!DECIMAL.matcher(parts[i]).matches() || Integer.parseInt(parts[i]) > 255) {
                return Optional.empty();
            }
            bytes[i] = (byte) Integer.parseInt(parts[i]);
        }
        return Optional.of(bytes);
    }

    private static Optional<byte[]> v6(String text) {
        int gap = text.indexOf("::");
        if (gap < 0) {
            return groups(text, true).filter(bytes -> bytes.length == 16);
        }
        Optional<byte[]> head = groups(text.substring(0, gap), false);
        Optional<byte[]> tail = groups(text.substring(gap + 2), true);
        if (head.isEmpty() || tail.isEmpty() || head.get().length + tail.get().length > 14) {
            return Optional.empty();
        }
        byte[] bytes = new byte[16];
        System.arraycopy(head.get(), 0, bytes, 0, head.get().length);
        System.arraycopy(tail.get(), 0, bytes, 16 - tail.get().length, tail.get().length);
        return Optional.of(bytes);
    }

    /** The bytes of groups with ':' between them, none in the empty text. */
    private static Optional<byte[]> groups(String text, boolean mayEndAsV4) {
        String[] parts = text.isEmpty() ? new String[0] : text.split(":", -1);
        byte[] bytes = new byte[2 * parts.length + 2];
        int length = 0;
        for (int i = 0; i < parts.length; i++) {
            Optional<byte[]> v4 = mayEndAsV4 && i == parts.length - 1 ? v4(parts[i]) : Optional.empty();
            if (v4.isPresent()) {
                System.arraycopy(v4.get(), 0, bytes, length, 4);
                length += 4;
            } else if (GROUP.matcher(parts[i]).matches()) {
                int group = Integer.parseInt(parts[i], 16);
                bytes[length++] = (byte) (group >> 8);
                bytes[length++] = (byte) group;
            } else {
                return Optional.empty();
            }
        }
        return Optional.of(Arrays.copyOf(bytes, length));
    }
}

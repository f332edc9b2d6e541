// SPDX-License-Identifier: Apache-2.0
package io.tsncni.cni;

import java.nio.charset.StandardCharsets;

/** What the kernel (dev_valid_name) takes as the name of a network device. */
public final class InterfaceName {
    public static final String RULE =
            "is not an interface name: 1 to 15 bytes without '/', ':' or white space, and not '.' or '..'";

    private static final int IFNAMSIZ = 16;

    private InterfaceName() {}

    public static boolean isValid(String name) {
        return !name.isEmpty()
                && name.getBytes(StandardCharsets.UTF_8).length < IFNAMSIZ
                && !name.equals(".")
                && !name.equals("..")
                && name.chars().noneMatch(c -> c == '/' || c == ':' || c == 0 || Character.isWhitespace(c));
    }
}

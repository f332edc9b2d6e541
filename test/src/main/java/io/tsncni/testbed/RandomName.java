// SPDX-License-Identifier: Apache-2.0
package io.tsncni.testbed;

import java.util.concurrent.ThreadLocalRandom;

/** Names of devices and namespaces: random, so that two tests never meet, and at most 15 characters (IFNAMSIZ). */
final class RandomName {
    private RandomName() {}

    static String of(String prefix) {
        return prefix + Integer.toHexString(ThreadLocalRandom.current().nextInt(0x100000, 0x1000000));
    }
}

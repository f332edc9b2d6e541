// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import java.util.Random;

/** Random inputs, the same ones in every run, as often near a stamp as far from one. */
final class StampRandom {
    private static final long SEED = 20261121;

    private final Random random = new Random(SEED);

    boolean oneIn(int times) {
        return random.nextInt(times) == 0;
    }

    int of(int... choices) {
        return choices[random.nextInt(choices.length)];
    }

    StampPacket of(StampPacket... choices) {
        return choices[random.nextInt(choices.length)];
    }

    StampIdentity identity() {
        return new StampIdentity(
                1 + random.nextInt(StampIdentity.TAG_MAX), 1 + random.nextInt(StampIdentity.PROOF_MAX));
    }

    /** A right one, one that is a bit off, any, or 0 for none. */
    int hash(StampIdentity identity) {
        int right = identity.hash(random.nextInt(), random.nextInt(16));
        return of(right, right, right ^ 1 << random.nextInt(32), random.nextInt(), 0);
    }

    /** A right one with any low bits, one that is a bit off, any, or none. */
    int tcIndex(StampIdentity identity) {
        int right = identity.tcIndex() | random.nextInt(32);
        return of(right, right ^ 1 << random.nextInt(16), random.nextInt(0x10000), 0);
    }

    /** Below 16, at the edge, or any unsigned 32-bit number. */
    long priority() {
        return Integer.toUnsignedLong(of(random.nextInt(16), random.nextInt(16), 16, random.nextInt()));
    }
}

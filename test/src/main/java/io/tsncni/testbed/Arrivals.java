// SPDX-License-Identifier: Apache-2.0
package io.tsncni.testbed;

import java.nio.ByteBuffer;

/**
 * What has come out behind a NIC: {@code struct arrivals} of path.bpf.c.
 *
 * @param delays how many packets took how long; log-linear, 32 steps for each doubling
 */
record Arrivals(long packets, long maxNanos, long[] delays) {
    private static final int SUB_BITS = 5;

    static Arrivals parse(ByteBuffer arrivals) {
        long packets = arrivals.getLong();
        long max = arrivals.getLong();
        long[] delays = new long[arrivals.remaining() / Long.BYTES];
        arrivals.asLongBuffer().get(delays);
        return new Arrivals(packets, max, delays);
    }

    long timed() {
        long sum = 0;
        for (long delay : delays) {
            sum += delay;
        }
        return sum;
    }

    /** The delay in ns that this part of the packets did not exceed, rounded up to the end of its step. */
    long percentile(double part) {
        long wanted = (long) Math.ceil(timed() * part);
        long sum = 0;
        for (int i = 0; i < delays.length; i++) {
            sum += delays[i];
            if (sum >= wanted) {
                return Math.min(endOf(i), maxNanos);
            }
        }
        return maxNanos;
    }

    static long endOf(int step) {
        int shift = Math.max(0, (step >> SUB_BITS) - 1);
        return ((long) (step - (shift << SUB_BITS)) + 1 << shift) - 1;
    }
}

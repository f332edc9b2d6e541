// SPDX-License-Identifier: Apache-2.0
package io.tsncni.kube;

import java.time.Duration;

/** The time that one call may take, all attempts and the pauses between them. */
final class Patience {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);
    /** Less time would fail the last attempt for no other reason, and hide the one before it. */
    private static final Duration SHORTEST_ATTEMPT = Duration.ofMillis(100);

    private final Duration bound;
    private final long start = System.nanoTime();
    private Duration pause = FIRST_PAUSE;
    private String lastFailure = "";
    private long failingSince = start;

    Patience(Duration bound) {
        this.bound = bound;
    }

    Duration waited() {
        return Duration.ofNanos(System.nanoTime() - start);
    }

    /**
     * For one attempt: not all of the bound, so that a request on a connection whose peer has silently gone leaves time
     * for another one.
     */
    Duration attempt() {
        return min(bound.multipliedBy(3).dividedBy(4), bound.minus(waited()));
    }

    void failed(String failure) {
        if (!failure.equals(lastFailure)) {
            failingSince = System.nanoTime();
            lastFailure = failure;
        }
    }

    /** How long every attempt has failed for the same reason. */
    Duration failingAlike() {
        return Duration.ofNanos(System.nanoTime() - failingSince);
    }

    String lastFailure() {
        return lastFailure;
    }

    /** Pauses, each time longer; false if there is no time for another attempt. */
    boolean pause() throws InterruptedException {
        Duration left = bound.minus(waited());
        if (left.compareTo(SHORTEST_ATTEMPT.multipliedBy(2)) < 0) {
            return false;
        }
        Thread.sleep(min(pause, left.dividedBy(2)).toMillis());
        pause = min(pause.multipliedBy(2), LONGEST_PAUSE);
        return true;
    }

    private static Duration min(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}

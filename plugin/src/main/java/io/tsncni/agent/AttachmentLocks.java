// SPDX-License-Identifier: Apache-2.0
package io.tsncni.agent;

import io.tsncni.cni.AttachmentKey;
import io.tsncni.cni.CniErrorCode;
import io.tsncni.cni.CniException;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/** Who waits for whom: requests for the same attachment, and changes of savers in the same container. */
final class AttachmentLocks {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final class Entry {
        private final ReentrantLock lock = new ReentrantLock();
        private int users;
    }

    interface Body {
        void run() throws CniException, IOException;
    }

    interface Answer<T> {
        T get() throws CniException, IOException;
    }

    private final Map<String, Entry> entries = new HashMap<>();

    /** Runs the body while no other one runs for the same attachment. */
    void holding(AttachmentKey key, Body body) throws CniException, IOException {
        answering(key, answering(body));
    }

    /** As {@link #holding}. */
    <T> T answering(AttachmentKey key, Answer<T> body) throws CniException, IOException {
        return alone(key.toString(), body);
    }

    /**
     * Runs the body while no other one changes savers of the same container: on one interface, the savers of several
     * attachments depend on each other. Taken after an attachment's lock, never before.
     */
    <T> T changingSavers(String containerId, Answer<T> body) throws CniException, IOException {
        return alone("the savers of " + containerId, body);
    }

    /** As {@link #changingSavers(String, Answer)}. */
    void changingSavers(String containerId, Body body) throws CniException, IOException {
        changingSavers(containerId, answering(body));
    }

    private static Answer<Boolean> answering(Body body) {
        return () -> {
            body.run();
            return true;
        };
    }

    private <T> T alone(String key, Answer<T> body) throws CniException, IOException {
        Entry entry = enter(key);
        try {
            if (!entry.lock.tryLock(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                throw busy(key);
            }
            try {
                return body.get();
            } finally {
                entry.lock.unlock();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw busy(key);
        } finally {
            leave(key, entry);
        }
    }

    private static CniException busy(String key) {
        return new CniException(
                CniErrorCode.TRY_AGAIN_LATER,
                "another request for " + key + " has been under way for " + PATIENCE.toSeconds() + " s");
    }

    private synchronized Entry enter(String key) {
        Entry entry = entries.computeIfAbsent(key, k -> new Entry());
        entry.users++;
        return entry;
    }

    private synchronized void leave(String key, Entry entry) {
        if (--entry.users == 0) {
            entries.remove(key);
        }
    }
}

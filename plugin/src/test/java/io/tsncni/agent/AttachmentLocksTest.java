// SPDX-License-Identifier: Apache-2.0
package io.tsncni.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tsncni.cni.AttachmentKey;
import io.tsncni.cni.CniErrorCode;
import io.tsncni.cni.CniException;
import java.io.IOException;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(10)
class AttachmentLocksTest {
    private static final AttachmentKey KEY = new AttachmentKey("a", "eth0");

    private final AttachmentLocks locks = new AttachmentLocks();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CountDownLatch inside = new CountDownLatch(1);
    private final CountDownLatch release = new CountDownLatch(1);

    @AfterEach
    void end() {
        release.countDown();
        threads.shutdownNow();
    }

    private Future<Void> holding(AttachmentKey key, AttachmentLocks.Body body) {
        return threads.submit(() -> {
            locks.holding(key, body);
            return null;
        });
    }

    private void hold() {
        inside.countDown();
        try {
            release.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A thread that waits for the lock that another one holds. */
    private Thread waiter(FutureTask<Void> task) throws InterruptedException {
        inside.await();
        Thread thread = new Thread(task);
        thread.start();
        while (thread.getState() != Thread.State.TIMED_WAITING) {
            Thread.sleep(1);
        }
        return thread;
    }

    private int entries() throws ReflectiveOperationException {
        Field entries = AttachmentLocks.class.getDeclaredField("entries");
        entries.setAccessible(true);
        return ((Map<?, ?>) entries.get(locks)).size();
    }

    @Test
    void aSecondRequestForTheSameAttachmentWaits() throws Exception {
        Future<Void> first = holding(KEY, this::hold);
        AtomicBoolean entered = new AtomicBoolean();
        FutureTask<Void> second = new FutureTask<>(() -> {
            locks.holding(new AttachmentKey("a", "eth0"), () -> entered.set(true));
            return null;
        });
        waiter(second);
        assertFalse(entered.get());
        release.countDown();
        first.get();
        second.get();
        assertTrue(entered.get());
        assertEquals(0, entries());
    }

    @Test
    void changesOfSaversInOneContainerWaitForEachOther() throws Exception {
        Future<Void> first = threads.submit(() -> {
            locks.changingSavers("a", this::hold);
            return null;
        });
        AtomicBoolean entered = new AtomicBoolean();
        FutureTask<Void> second = new FutureTask<>(() -> {
            locks.holding(new AttachmentKey("a", "net1"), () -> locks.changingSavers("a", () -> entered.set(true)));
            return null;
        });
        waiter(second);
        assertFalse(entered.get());
        locks.changingSavers("b", () -> {});
        release.countDown();
        first.get();
        second.get();
        assertTrue(entered.get());
        assertEquals(0, entries());
    }

    @Test
    void requestsForDifferentAttachmentsOverlap() throws Exception {
        CyclicBarrier together = new CyclicBarrier(3);
        List<Future<Void>> all = new ArrayList<>();
        for (AttachmentKey key : List.of(KEY, new AttachmentKey("a", "eth1"), new AttachmentKey("b", "eth0"))) {
            all.add(holding(key, () -> {
                try {
                    together.await(5, TimeUnit.SECONDS);
                } catch (Exception e) {
                    throw new IOException("did not meet", e);
                }
            }));
        }
        for (Future<Void> one : all) {
            one.get();
        }
        assertEquals(0, entries());
    }

    @Test
    void manyRequestsForOneAttachmentNeverOverlap() throws Exception {
        int[] unguarded = {0};
        List<Future<Void>> all = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            all.add(threads.submit(() -> {
                for (int n = 0; n < 2_000; n++) {
                    locks.holding(KEY, () -> unguarded[0]++);
                }
                return null;
            }));
        }
        for (Future<Void> one : all) {
            one.get();
        }
        assertEquals(16_000, unguarded[0]);
        assertEquals(0, entries());
    }

    @Test
    void aBodyThatFailsLeavesTheLockFreeAndItsFailureAsItIs() throws Exception {
        for (Exception failure : List.of(
                new IOException("disk"),
                new CniException(CniErrorCode.CHECK_FAILED, "gone"),
                new IllegalStateException("defect"))) {
            ExecutionException thrown = assertThrows(ExecutionException.class, () -> holding(KEY, () -> {
                        if (failure instanceof IOException io) {
                            throw io;
                        }
                        if (failure instanceof CniException cni) {
                            throw cni;
                        }
                        throw (RuntimeException) failure;
                    })
                    .get());
            assertEquals(failure, thrown.getCause());
        }
        holding(KEY, () -> {}).get();
        assertEquals(0, entries());
    }

    @Test
    void aRequestThatIsInterruptedWhileItWaitsSaysTryAgain() throws Exception {
        Future<Void> first = holding(KEY, this::hold);
        AtomicBoolean stillInterrupted = new AtomicBoolean();
        FutureTask<Void> second = new FutureTask<>(() -> {
            try {
                locks.holding(KEY, () -> {});
            } finally {
                stillInterrupted.set(Thread.currentThread().isInterrupted());
            }
            return null;
        });
        waiter(second).interrupt();
        ExecutionException thrown = assertThrows(ExecutionException.class, second::get);
        CniException refusal = assertInstanceOf(CniException.class, thrown.getCause());
        assertEquals(CniErrorCode.TRY_AGAIN_LATER, refusal.code());
        assertTrue(refusal.getMessage().contains("a:eth0"), refusal.getMessage());
        assertTrue(stillInterrupted.get());
        release.countDown();
        first.get();
        assertEquals(0, entries());
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.linux.netns;

import com.sun.jna.Native;
import io.tsncni.linux.libc.Fd;
import io.tsncni.linux.libc.LibC;
import io.tsncni.linux.libc.SystemCallException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A network namespace that somebody handed to us or that we made, and the one door into it. */
public final class NetworkNamespace implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Fd fd;
    private final long inode;

    private NetworkNamespace(Fd fd, long inode) {
        this.fd = fd;
        this.inode = inode;
    }

    /** Empty, and the descriptor closed, when it is no network namespace. */
    public static Optional<NetworkNamespace> of(Fd fd) throws IOException {
        if (LibC.ioctl(fd.number(), LibC.NS_GET_NSTYPE) != LibC.CLONE_NEWNET) {
            fd.close();
            return Optional.empty();
        }
        Object inode = Files.getAttribute(Path.of("/proc/self/fd/" + fd.number()), "unix:ino");
        return Optional.of(new NetworkNamespace(fd, (Long) inode));
    }

    /** A new one, which goes when it is closed and nothing else is in it. */
    public static NetworkNamespace create() throws IOException {
        return onThrowawayThread("a new network namespace", () -> {
            if (LibC.unshare(LibC.CLONE_NEWNET) < 0) {
                throw new SystemCallException("unshare", "CLONE_NEWNET", Native.getLastError());
            }
            return open(Path.of("/proc/thread-self/ns/net")).orElseThrow();
        });
    }

    public static Optional<NetworkNamespace> open(Path path) throws IOException {
        return of(Fd.of(LibC.open(path.toString(), LibC.O_RDONLY | LibC.O_CLOEXEC), "open", path));
    }

    /**
     * What a runtime calls by this path, if it is still there and to be seen from here: on a node /var/run leads to
     * /run, in a container it need not.
     */
    public static Optional<NetworkNamespace> named(String runtimesPath) throws IOException {
        Path path = Path.of(runtimesPath);
        if (!Files.exists(path) && path.startsWith("/var/run")) {
            path = Path.of("/run").resolve(Path.of("/var/run").relativize(path));
        }
        return Files.exists(path) ? open(path) : Optional.empty();
    }

    /** Names the namespace as {@code net:[inode]} does in /proc; unique while the namespace lives. */
    public long inode() {
        return inode;
    }

    /**
     * Runs the body inside, on a thread that is thrown away: setns(2) is per thread, and a thread or process started
     * by the body would keep the pod's namespace. So the body does system calls and returns values.
     */
    public <T> T call(Callable<T> body) throws IOException {
        return onThrowawayThread("net:[" + inode + "]", () -> {
            if (LibC.setns(fd.number(), LibC.CLONE_NEWNET) < 0) {
                throw new SystemCallException("setns", "net:[" + inode + "]", Native.getLastError());
            }
            return body.call();
        });
    }

    private static <T> T onThrowawayThread(String name, Callable<T> body) throws IOException {
        FutureTask<T> task = new FutureTask<>(body);
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
        try {
            return task.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new IOException("stuck in " + name + " for " + PATIENCE.toSeconds() + " s", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException io) {
                throw io;
            }
            throw new IllegalStateException("in " + name, e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted in " + name, e);
        }
    }

    /** For {@code IFLA_NET_NS_FD}; valid until {@link #close}. */
    public int fd() {
        return fd.number();
    }

    @Override
    public void close() {
        fd.close();
    }
}

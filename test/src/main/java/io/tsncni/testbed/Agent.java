// SPDX-License-Identifier: Apache-2.0
package io.tsncni.testbed;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** tsnd with a socket, a state directory and pins of its own, to be started, killed and started again. */
public final class Agent implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration START = Duration.ofSeconds(30);

    private Artifacts artifacts;
    private final Path socket;
    private final Path stateDir;
    private final Path config;
    private final Path bpffs = Path.of("/sys/fs/bpf", RandomName.of("tsn-"));
    private final String listen;
    private final Map<String, String> more = new HashMap<>();
    private List<String> kubernetes = List.of("--no-kubernetes");
    private Shell launcher = Shell.of("env");
    private Background process;

    Agent(Artifacts artifacts, Path directory) {
        this.artifacts = artifacts;
        socket = directory.resolve("run/tsnd.sock");
        stateDir = directory.resolve("state");
        config = directory.resolve("tsnd.json");
        listen = "127.0.0.1:" + freePort();
    }

    /** A variable for its environment, from its next start on. */
    public void with(String name, String value) {
        more.put(name, value);
    }

    /** Makes it an agent of another version, from its next start on. */
    public void become(Artifacts version) {
        artifacts = version;
    }

    /** Gives it no more than these capabilities, from its next start on: {@code SYS_ADMIN}. */
    public void limitTo(List<String> capabilities) {
        String set = capabilities.stream()
                .map(capability -> "+" + capability.toLowerCase(Locale.ROOT))
                .collect(Collectors.joining(",", "-all,", ""));
        launcher = Shell.of("setpriv", "--bounding-set=" + set, "--inh-caps=" + set);
    }

    /** Makes it an agent of this cluster, from its next start on. */
    public void join(Path kubeconfig, String nodeName) {
        kubernetes = List.of("--kubeconfig", kubeconfig.toString(), "--node-name", nodeName);
    }

    /** As {@link #join}. */
    public void follow(ApiServer api) {
        join(api.kubeconfig(), ApiServer.NODE);
    }

    /** Starts it, or starts it again, and waits until it serves. */
    public void start() {
        if (isRunning()) {
            throw new IllegalStateException("tsnd runs already, pid " + process.pid());
        }
        try {
            Files.createDirectories(bpffs);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        process = launcher.and(artifacts.tsnd().toString())
                .and("--socket", socket.toString(), "--state-dir", stateDir.toString())
                .and("--bpffs", bpffs.toString(), "--config", config.toString())
                .and(kubernetes.toArray(String[]::new))
                // Two agents of one test cannot share the default port.
                .with("TSN_LISTEN", listen)
                .with(more)
                .start();
        try {
            process.awaitLine("ready", START);
        } catch (RuntimeException e) {
            process.close();
            throw e;
        }
    }

    public boolean isRunning() {
        return process != null && process.isAlive();
    }

    public long pid() {
        return process.pid();
    }

    /** SIGTERM; answers how it ended. */
    public Shell.Result stop() {
        return process.stop();
    }

    /** SIGKILL. */
    public void kill() {
        process.kill();
    }

    /** What the present or last process has said; for the message of a failed test. */
    public String stderr() {
        return process == null ? "" : process.stderr();
    }

    public Path socket() {
        return socket;
    }

    public Path stateDir() {
        return stateDir;
    }

    /** The agent's settings; absent until a test writes some. */
    public Path config() {
        return config;
    }

    public Path bpffs() {
        return bpffs;
    }

    /** host:port of metrics and health. */
    public String listen() {
        return listen;
    }

    /** What points the shim and tsnctl to this agent. */
    public Map<String, String> env() {
        return Map.of(
                "TSN_SOCKET", socket.toString(), "TSN_STATE_DIR", stateDir.toString(), "TSN_BPFFS", bpffs.toString());
    }

    public Shell tsnctl(String... arguments) {
        return Shell.of(artifacts.tsnctl()).and(arguments).with(env());
    }

    /** {@code tsnd install} and its like, with the directories and settings of this agent. */
    public Shell tsnd(String... arguments) {
        return Shell.of(artifacts.tsnd())
                .and(arguments)
                .with(env())
                .with("TSN_CONFIG", config.toString())
                .with(more);
    }

    public JsonNode status() {
        String answer = tsnctl("status", "-o", "json").run().stdout();
        try {
            return JSON.readTree(answer);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("tsnctl status -o json printed: " + answer, e);
        }
    }

    /** Stops it and removes its pins, so that no program of it stays attached. */
    @Override
    public void close() {
        if (isRunning()) {
            stop();
        }
        Shell.run("rm", "-rf", bpffs.toString());
    }

    private static int freePort() {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

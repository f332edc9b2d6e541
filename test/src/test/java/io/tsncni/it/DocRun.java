// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.testbed.Background;
import io.tsncni.testbed.EgressNic;
import io.tsncni.testbed.Node;
import io.tsncni.testbed.Pod;
import io.tsncni.testbed.Shell;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Runs a page's shell blocks in their order on a node, as they are but for {@link #substituted what a test cannot have}.
 * Comments say what goes with them and the reader has anyway: {@code test: COMMAND} is run, too, and {@code test: send TO
 * PRIORITY,...} has a pod whose entry is the last JSON block send there.
 */
final class DocRun implements AutoCloseable {
    private static final int COUNT = 20;
    private static final Pattern AGENT = Pattern.compile("(?m)^(\\S*/)?tsnd --.*$");
    private static final String CONTAINER = "CONTAINER";

    private final Node node;
    /** A second NIC, if the page makes one. */
    private final String second;

    private final Path bin;
    private final Map<String, String> env;
    private final Map<String, String> replacements = new LinkedHashMap<>();
    private final List<AutoCloseable> open = new ArrayList<>();
    private Pod pod;
    private String entry = "";
    private boolean inCluster;
    /** By the last block; empty if it was not run. */
    private Optional<String> printed = Optional.empty();

    DocRun(Node node, Path directory) {
        this.node = node;
        second = node.nic().name().replace("nic", "nib");
        bin = directory.resolve("bin");
        env = new HashMap<>(node.agent().env());
        env.put("TSN_CONFIG", node.agent().config().toString());
        env.put("TSN_LISTEN", node.agent().listen());
        env.put("TSN_CNI_BIN_DIR", directory.resolve("cni-bin").toString());
        env.put("TSN_CNI_CONF_DIR", directory.resolve("net.d").toString());
        env.put("PATH", bin + ":" + node.artifacts().dist().resolve("bin") + ":" + System.getenv("PATH"));
        try {
            Files.createDirectories(bin);
            Files.createDirectories(directory.resolve("cni-bin"));
            Files.createDirectories(directory.resolve("net.d"));
            Files.createDirectories(node.agent().bpffs());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Has blocks that need a cluster run, with these for what it does not have. */
    DocRun inCluster(Map<String, String> variables, Map<String, String> replaced) {
        inCluster = true;
        variables.forEach((name, value) -> env.merge(name, value, (old, first) -> first + ":" + old));
        replacements.putAll(replaced);
        return this;
    }

    /** As far as the kernel has what they need. */
    void run(DocPage page) {
        for (DocPage.Part part : page.parts()) {
            switch (part.kind()) {
                case DocPage.SHELL -> shell(part);
                case "json" -> entry = part.text();
                case "text" -> expect(part);
                case "test" -> test(part.text());
                default -> {
                    // Headings, and what is shown only.
                }
            }
        }
    }

    private void shell(DocPage.Part block) {
        printed = Optional.empty();
        DocNeed need = DocNeed.of(block.marked()).orElse(null);
        boolean isHere = need == null || (need == DocNeed.CLUSTER ? inCluster : need.isHere());
        if (!isHere && !need.isOfTheKernel()) {
            return;
        }
        assumeTrue(isHere, () -> block + "\nneeds " + need + ", which this kernel lacks");
        String script = substituted(block.text());
        boolean startsAgent = AGENT.matcher(script).find();
        Shell.Result result = shell(AGENT.matcher(script).replaceAll(""));
        assertTrue(result.exit() == 0, block + "\nended with " + result.exit() + ": " + result.stderr());
        printed = Optional.of(result.stdout());
        if (startsAgent) {
            startAgent(script.lines().reduce((first, last) -> last).orElseThrow());
        }
    }

    private Shell.Result shell(String script) {
        String root = node.artifacts().dist().getParent().toString();
        return Shell.of("sh", "-euc", "cd " + root + "\n" + script).with(env).attempt();
    }

    /** It goes on while the rest of the page is read. */
    private void startAgent(String command) {
        Background agent = Shell.of(command.split(" ")).with(env).start();
        open.add(agent);
        agent.awaitLine("ready", Duration.ofSeconds(30));
    }

    /**
     * The NIC, the addresses and the container are this node's; etf gives an emulated machine, which is late, more time;
     * what would never end ends. Where things lie is said by TSN_ variables.
     */
    private String substituted(String text) {
        String script = text;
        for (Map.Entry<String, String> one : replacements.entrySet()) {
            script = script.replaceAll(one.getKey(), one.getValue());
        }
        script = script.replace("tsn0", node.nic().name())
                .replace("tsn1", second)
                .replace("127.0.0.1:9477", node.agent().listen())
                .replace("/usr/local/bin", bin.toString())
                .replace("delta 500000 ", "delta 50000000 ")
                .replaceAll("(?m)^(tsnctl counters .* --watch)$", "timeout 3 $1 || [ \\$? = 124 ]");
        return script.contains(CONTAINER)
                ? script.replace(CONTAINER, pod(node.tsnEntry()).attachment().containerId())
                : script;
    }

    private Pod pod(ObjectNode entry) {
        if (pod == null) {
            pod = node.addPod("pod", entry);
        }
        return pod;
    }

    private void test(String directive) {
        String[] words = directive.split(" ");
        if (!words[0].equals("send")) {
            Shell.Result result = shell(substituted(directive).replace("FAR_MAC", EgressNic.FAR_MAC));
            assertTrue(result.exit() == 0, directive + ": " + result.stderr());
            return;
        }
        String to = words[1].equals("far") ? node.nic().address() : words[1];
        String[] more = Arrays.copyOfRange(words, 3, words.length);
        Pod sender = pod((ObjectNode) Nodes.json(substituted(entry)));
        // The first waits for neighbours, and may be lost.
        Nodes.udp(sender, to, Nodes.port(0), 0, 1, more);
        for (String priority : words[2].split(",")) {
            Nodes.udp(sender, to, Nodes.port(1), Integer.parseInt(priority), COUNT, more);
        }
    }

    /** What the page says was printed: its lines, in their order; other numbers than 0 may be others, and "…" is anything. */
    private void expect(DocPage.Part block) {
        if (printed.isEmpty()) {
            return;
        }
        String output = named(printed.get());
        List<String> actual = comparable(output).lines().toList();
        int at = 0;
        for (String line : comparable(block.text()).lines().toList()) {
            String pattern = Arrays.stream(line.split("…", -1))
                    .map(Pattern::quote)
                    .reduce((a, b) -> a + ".*" + b)
                    .get();
            while (at < actual.size() && !actual.get(at).matches(pattern)) {
                at++;
            }
            if (at++ == actual.size()) {
                fail(block + "\nThis line was not printed: " + line + "\nbut:\n" + output);
            }
        }
    }

    /** Without what another run has otherwise: numbers but 0 and those of classes, IDs, the kernel's own packets. */
    private static String comparable(String text) {
        return text.replaceAll("\\b[0-9a-f]{12}…", "ID")
                .replaceAll("/cni-[0-9a-f-]+…?", "/NETNS")
                .replaceAll(" 0:[0-9]+ (?=[0-9]+:)", " ")
                .replaceAll("(?<=[0-9]:)[1-9][0-9]{2,}", "#")
                .replaceAll("(?<![\\w:.])[1-9][0-9]*(?![\\w:])", "#")
                .replaceAll("[ \t]+", " ")
                .replaceAll("(?m)^ | $", "");
    }

    /** With the page's names. */
    private String named(String output) {
        String text = output.replace(node.nic().name(), "tsn0");
        for (Map.Entry<String, String> one : replacements.entrySet()) {
            text = text.replace(one.getValue(), one.getKey());
        }
        return text;
    }

    @Override
    public void close() {
        Shell.of("ip", "link", "del", second).attempt();
        for (AutoCloseable one : open) {
            try {
                one.close();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tsncni.testbed.Artifacts;
import io.tsncni.testbed.Node;
import io.tsncni.testbed.Qdisc;
import io.tsncni.testbed.Shell;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every shell block of README.md and docs/ is run, or says directly above it what it needs that is not here. */
@RequiresRoot
class DocsIT {
    private static final Path ROOT = Artifacts.fromSystemProperties().dist().getParent();
    private static final Path RECIPES = ROOT.resolve("docs/recipes.md");
    private static final Set<String> LANGUAGES = Set.of(DocPage.SHELL, "json", "yaml", "text", "python", "");

    @TempDir
    Path directory;

    private static List<DocPage> pages() {
        try (Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
            return Stream.concat(Stream.of(ROOT.resolve("README.md")), docs.sorted())
                    .filter(file -> file.toString().endsWith(".md"))
                    .map(file -> DocPage.read(ROOT, file))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean runs(DocPage.Part block) {
        return DocNeed.of(block.marked()).map(DocNeed::isOfTheKernel).orElse(true);
    }

    /** Those with something to run, but the recipes. */
    static Stream<DocPage> wholePages() {
        return pages().stream()
                .filter(page -> !page.name().equals(ROOT.relativize(RECIPES).toString()))
                .filter(page -> page.blocks(DocPage.SHELL).stream().anyMatch(DocsIT::runs));
    }

    static List<DocPage> recipes() {
        return DocPage.read(ROOT, RECIPES).sections().stream()
                .filter(section -> !section.blocks(DocPage.SHELL).isEmpty())
                .toList();
    }

    @Test
    void everyBlockIsRunOrSaysWhatItNeeds() {
        List<String> faults = new ArrayList<>();
        int count = 0;
        for (DocPage page : pages()) {
            for (DocPage.Part block : page.parts()) {
                fault(block).ifPresent(fault -> faults.add(page + ", " + block + "\n-> " + fault));
                count += block.kind().equals(DocPage.SHELL) ? 1 : 0;
            }
        }
        assertEquals("", String.join("\n\n", faults));
        assertTrue(count >= 20, "only " + count + " blocks found");
    }

    private static Optional<String> fault(DocPage.Part block) {
        if (Set.of("#", "test").contains(block.kind())) {
            return Optional.empty();
        }
        if (!LANGUAGES.contains(block.kind())) {
            return Optional.of("'" + block.kind() + "' is none of " + LANGUAGES);
        }
        if (!block.kind().equals(DocPage.SHELL)) {
            return block.marked().isEmpty() ? Optional.empty() : Optional.of("only shell blocks need something");
        }
        Shell.Result parsed = Shell.of("sh", "-n").reading(block.text() + "\n").attempt();
        if (parsed.exit() != 0) {
            return Optional.of(parsed.stderr());
        }
        if (block.marked().isEmpty()) {
            return Optional.empty();
        }
        return DocNeed.of(block.marked())
                .map(need -> need.fits(block.text()) ? "" : "nothing in it needs " + need + ": it can be run here")
                .or(() -> Optional.of("'" + block.marked() + "' is a mark that nobody knows"))
                .filter(fault -> !fault.isEmpty());
    }

    /** Of what takes too long to run here, the commands at least are there. */
    @Test
    void whatIsToBeDoneInACheckoutIsKnownThere() {
        String help = Shell.of(ROOT.resolve("tsn"), "help").run().stdout();
        Pattern command = Pattern.compile("(?m)^\\./tsn ([a-z]+)((?: --[a-z]+)?)");
        for (DocPage page : pages()) {
            for (DocPage.Part block : page.blocks(DocPage.SHELL)) {
                for (Matcher found = command.matcher(block.text()); found.find(); ) {
                    assertTrue(help.contains("  " + found.group(1) + " "), page + ": " + found.group());
                    assertTrue(help.contains(found.group(2).strip()), page + ": " + found.group());
                }
            }
        }
    }

    /** The page starts the agent itself if a block of it does. */
    @ParameterizedTest
    @MethodSource("wholePages")
    void aPage(DocPage page) {
        try (Node node = new Node(Artifacts.fromSystemProperties(), Qdisc.HTB);
                DocRun run = new DocRun(node, directory)) {
            if (page.blocks(DocPage.SHELL).stream()
                    .noneMatch(block -> runs(block) && block.text().contains("tsnd --"))) {
                node.agent().start();
            }
            run.run(page);
        }
    }

    /** Each on a node of its own, whose NIC has no qdisc yet. */
    @ParameterizedTest
    @MethodSource("recipes")
    @Tag("kernel")
    void aRecipe(DocPage recipe) {
        try (Node node = Nodes.started();
                DocRun run = new DocRun(node, directory)) {
            Shell.run("tc", "qdisc", "del", "dev", node.nic().name(), "root");
            run.run(recipe);
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tsncni.agent.AgentConfig;
import io.tsncni.cli.TsnCtl;
import io.tsncni.cni.CniErrorCode;
import io.tsncni.resolve.MetaConf;
import io.tsncni.resolve.TsnConf;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** docs/configuration.md has a line for each key, option, variable, annotation and code, and none besides. */
class ConfigurationDocTest {
    private static final Path JAVA = Path.of("src/main/java/io/tsncni");
    private static final Path C = Path.of("src/main/c");
    private static final Pattern CODE = Pattern.compile("`([^`]*)`");
    /** Two keys of tsn-proxy's ConfigMap only look like ours. */
    private static final Pattern VARIABLE =
            Pattern.compile("\"((?!TSN_IFNAME|TSN_INGRESS)(?:TSN|KUBERNETES|JAVA)_[A-Z_]+|KUBECONFIG|NODE_NAME)\"");

    private final List<List<List<String>>> tables = tables();

    /** Of rows of cells; the first row is the head, the one of dashes is left out. */
    private static List<List<List<String>>> tables() {
        List<List<List<String>>> tables = new ArrayList<>();
        boolean inTable = false;
        for (String line : read(Path.of("../docs/configuration.md")).split("\n")) {
            if (line.startsWith("|")) {
                if (!inTable) {
                    tables.add(new ArrayList<>());
                }
                List<String> cells = Arrays.stream(line.substring(1).split("\\|"))
                        .map(String::strip)
                        .toList();
                if (!cells.get(0).startsWith("---")) {
                    tables.get(tables.size() - 1).add(cells);
                }
            }
            inTable = line.startsWith("|");
        }
        return tables;
    }

    /** The rows of the table that has this among its keys: tables have no names, and headings may change. */
    private List<List<String>> tableWith(String key, int column) {
        List<List<List<String>>> found = tables.stream()
                .filter(table -> words(table, column).contains(key))
                .toList();
        assertEquals(1, found.size(), "tables with the key " + key);
        return found.get(0).subList(1, found.get(0).size());
    }

    private List<List<String>> tableHeaded(String head) {
        return tables.stream()
                .filter(table -> table.get(0).contains(head))
                .map(table -> table.subList(1, table.size()))
                .findFirst()
                .orElseThrow();
    }

    private static Set<String> words(List<List<String>> rows, int column) {
        return rows.stream()
                .filter(row -> column < row.size())
                .flatMap(row -> CODE.matcher(row.get(column)).results())
                .map(word -> word.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** All that the pattern finds in the sources below a directory. */
    private static Set<String> inSources(Path directory, Pattern pattern) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(file -> file.toString().matches(".*[.](java|c|h)"))
                    .flatMap(file -> pattern.matcher(read(file)).results())
                    .map(found -> found.group(1))
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    private static void assertSame(Collection<String> code, Set<String> doc) {
        assertEquals(String.join("\n", new TreeSet<>(code)), String.join("\n", doc));
    }

    private static String table(List<List<String>> rows) {
        return rows.stream()
                .map(row -> ("| " + String.join(" | ", row) + " |").replaceAll(" {2,}", " "))
                .collect(Collectors.joining("\n"));
    }

    /** Who changes an option copies what this writes. */
    private void assertTable(String name, List<List<String>> code, Supplier<List<List<String>>> doc)
            throws IOException {
        Path written = Files.writeString(Path.of("target", "configuration-" + name + ".md"), table(code) + "\n");
        assertEquals(table(code), table(doc.get()), "copy " + written + " into docs/configuration.md");
    }

    @Test
    void ofANetworksConfiguration() {
        Set<String> documented = words(tableWith("egress", 0), 0);
        documented.addAll(words(tableWith("prevResult", 0), 0));
        assertSame(TsnConf.keys(), documented);
        words(tableWith("egress", 0), 0)
                .forEach(key -> assertTrue(TsnConf.isOwn(key) || key.equals("delegate"), key + " is of the CNI spec"));
    }

    @Test
    void ofAMetaPluginsConfiguration() throws IOException {
        Set<String> documented = words(tableWith("delegates", 0), 0);
        assertSame(MetaConf.keys(), documented);
        Pattern read = Pattern.compile("(?:keys\\.\\w+\\(|directory\\(keys, )\"(\\w+)\"");
        Set<String> used = inSources(JAVA.resolve("resolve/MetaConf.java"), read);
        used.removeAll(TsnConf.keys());
        List<List<String>> ignored = tableWith("delegates", 0).stream()
                .filter(row -> row.get(row.size() - 1).contains("ignored"))
                .toList();
        documented.removeAll(words(ignored, 0));
        assertSame(used, documented);
    }

    @Test
    void ofAnElementOfTheAnnotation() throws IOException {
        Pattern key = Pattern.compile("\"([a-zA-Z][a-zA-Z-]+)\"");
        assertSame(
                inSources(JAVA.resolve("resolve/SelectionReader.java"), key), words(tableWith("default-route", 0), 0));
    }

    @Test
    void annotations() throws IOException {
        Pattern annotation = Pattern.compile("\"((?!kubectl)[a-z0-9.-]+[.]io/[a-z-]{3,})\"");
        assertSame(inSources(JAVA, annotation), words(tableWith("tsncni.io/policy", 1), 1));
    }

    @Test
    void ofTheAgentsSettings() {
        assertSame(AgentConfig.keys(), words(tableWith("pluginDirs", 0), 0));
    }

    @Test
    void optionsOfTheAgent() throws IOException {
        Map<String, Matcher> variables = new TreeMap<>();
        Pattern name = Pattern.compile("names = \"([^\"]+)\"");
        Pattern variable = Pattern.compile("private \\w+ \\w+\\s+=[^;]*fromEnvironment\\(\"(\\w+)\", \"([^\"]*)\"\\)");
        for (String field : read(JAVA.resolve("Main.java")).split("@Option")) {
            Matcher named = name.matcher(field);
            Matcher initial = variable.matcher(field);
            if (named.find() && initial.find()) {
                variables.put(named.group(1), initial);
            }
        }
        List<List<String>> expected = new ArrayList<>();
        for (OptionSpec option : ownOptions(new CommandLine(new Main()).getCommandSpec())) {
            Matcher initial = variables.get(option.longestName());
            expected.add(List.of(
                    shown(option),
                    initial == null ? "" : code(initial.group(1)),
                    initial == null ? "" : code(initial.group(2)),
                    description(option)));
        }
        assertTable("options", expected, () -> tableWith("--socket PATH", 0));
    }

    @Test
    void commandsOfTheAgent() throws IOException {
        List<List<String>> commands = new ArrayList<>();
        List<List<String>> exits = new ArrayList<>();
        for (CommandLine command : leaves(new CommandLine(new Main()))) {
            CommandSpec spec = command.getCommandSpec();
            String name = code(spec.qualifiedName());
            commands.add(List.of(name, "", sentence(spec.usageMessage().description())));
            for (OptionSpec option : ownOptions(spec)) {
                commands.add(List.of(name, shown(option), description(option)));
            }
            spec.usageMessage().exitCodeList().forEach((exit, meaning) -> exits.add(List.of(name, exit, meaning)));
        }
        assertTable("commands", commands, () -> tableWith("--force", 1));
        assertTable("exits", exits, () -> tableHeaded("exit code"));
    }

    @Test
    void commandsOfTsnctl() throws IOException {
        List<List<String>> expected = new ArrayList<>();
        CommandLine tsnctl = new CommandLine(new TsnCtl());
        for (OptionSpec option : ownOptions(tsnctl.getCommandSpec())) {
            expected.add(List.of(code("tsnctl"), shown(option), description(option)));
        }
        for (CommandLine command : tsnctl.getSubcommands().values()) {
            CommandSpec spec = command.getCommandSpec();
            String name = spec.positionalParameters().stream()
                    .map(parameter -> " " + parameter.paramLabel())
                    .collect(Collectors.joining("", "tsnctl " + spec.name(), ""));
            expected.add(List.of(code(name), "", sentence(spec.usageMessage().description())));
            for (OptionSpec option : ownOptions(spec)) {
                expected.add(List.of(code("tsnctl " + spec.name()), shown(option), description(option)));
            }
        }
        assertTable("tsnctl", expected, () -> tableWith("tsnctl status", 0));
    }

    @Test
    void environmentVariables() throws IOException {
        Set<String> code = inSources(JAVA, VARIABLE);
        code.addAll(inSources(C.resolve("launch.c"), VARIABLE));
        Set<String> documented = words(tableWith("--socket PATH", 0), 1);
        documented.addAll(words(tableWith("JAVA_HOME", 0), 0));
        assertSame(code, documented);
    }

    @Test
    void variablesOfTheShim() throws IOException {
        Pattern variable = Pattern.compile("setting\\(\"(TSN_\\w+)\"");
        Pattern default_ = Pattern.compile("setting\\(\"TSN_\\w+\", (\"[^\"]+\")\\)");
        List<List<String>> documented = tableWith("TSN_TIMEOUT", 0);
        assertSame(inSources(C, variable), words(documented, 0));
        Set<String> defaults = words(documented, 1).stream()
                .map(value -> '"' + value + '"')
                .collect(Collectors.toCollection(TreeSet::new));
        assertSame(inSources(C, default_), defaults);
    }

    @Test
    void errorCodes() {
        List<List<String>> rows = tableWith("DATAPATH_FAILED", 1);
        List<String> documented = rows.stream()
                .map(row -> row.get(0) + " " + row.get(1) + " " + row.get(row.size() - 1))
                .toList();
        List<String> code = Arrays.stream(CniErrorCode.values())
                .map(one -> one.number() + " " + code(one.name()) + " " + (one.mayHeal() ? "yes" : "no"))
                .toList();
        assertEquals(String.join("\n", code), String.join("\n", documented));
        Matcher ofTheShim = Pattern.compile("\t(\\w+) = (\\d+),\n").matcher(read(C.resolve("tsn.h")));
        int count = 0;
        for (; ofTheShim.find(); count++) {
            assertEquals(
                    Integer.parseInt(ofTheShim.group(2)),
                    CniErrorCode.valueOf(ofTheShim.group(1)).number());
        }
        assertTrue(count > 0, "no code in tsn.h");
    }

    /** The commands below one that do something. */
    private static List<CommandLine> leaves(CommandLine of) {
        return of.getSubcommands().values().stream()
                .flatMap(command -> command.getSubcommands().isEmpty() ? Stream.of(command) : leaves(command).stream())
                .toList();
    }

    private static List<OptionSpec> ownOptions(CommandSpec command) {
        return command.options().stream()
                .filter(option -> !option.inherited() && !option.usageHelp() && !option.versionHelp())
                .toList();
    }

    private static String shown(OptionSpec option) {
        // A choice, whose bars would end the cell, is in the description.
        boolean bare = option.arity().max() == 0 || option.paramLabel().contains("|");
        return code(bare ? option.longestName() : option.longestName() + " " + option.paramLabel());
    }

    private static String description(OptionSpec option) {
        return String.join(" ", option.description())
                .replace("${DEFAULT-VALUE}", String.valueOf(option.initialValue()));
    }

    private static String sentence(String... description) {
        return String.join(" ", description);
    }

    private static String code(String text) {
        return text.isEmpty() ? "" : "`" + text + "`";
    }
}

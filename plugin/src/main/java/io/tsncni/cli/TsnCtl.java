// SPDX-License-Identifier: Apache-2.0
package io.tsncni.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;

/** {@code tsnctl}: what the agent of this node does, for people and scripts. */
@Command(
        name = "tsnctl",
        description = "Shows what tsn-cni does on this node.",
        mixinStandardHelpOptions = true,
        versionProvider = ProductVersion.class,
        subcommands = {TsnCtl.Status.class, TsnCtl.Counters.class})
public final class TsnCtl {
    @Option(
            names = "--socket",
            paramLabel = "PATH",
            scope = ScopeType.INHERIT,
            description = "the agent's socket (TSN_SOCKET; /run/tsn/tsnd.sock)")
    private Path socket = Path.of(System.getenv().getOrDefault("TSN_SOCKET", "/run/tsn/tsnd.sock"));

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new TsnCtl())
                .setExecutionExceptionHandler((e, commandLine, parsed) -> {
                    System.err.println("tsnctl: " + e.getMessage());
                    return 1;
                })
                .execute(arguments));
    }

    private AgentClient client() {
        return new AgentClient(socket);
    }

    enum Output {
        table,
        json
    }

    @Command(name = "status", description = "NICs with their restorers, attachments with their savers, and counters.")
    static final class Status implements Callable<Integer> {
        @CommandLine.ParentCommand
        private TsnCtl parent;

        @Option(names = "-o", paramLabel = "table|json", description = "table for people, json for scripts")
        private Output output = Output.table;

        @Override
        public Integer call() throws IOException {
            JsonNode status = parent.client().status();
            System.out.print(output == Output.json ? status.toPrettyString() + "\n" : StatusView.status(status));
            return 0;
        }
    }

    @Command(name = "counters", description = "The counters of one attachment, by priority.")
    static final class Counters implements Callable<Integer> {
        @CommandLine.ParentCommand
        private TsnCtl parent;

        @Parameters(
                paramLabel = "CONTAINER[:INTERFACE]",
                description = "container ID, or its beginning; with the interface name if it has several")
        private String which;

        @Option(names = "--watch", description = "again every second, until interrupted")
        private boolean watch;

        @Override
        public Integer call() throws IOException, InterruptedException {
            while (true) {
                System.out.print(StatusView.counters(find(parent.client().status())));
                if (!watch || System.out.checkError()) {
                    return 0;
                }
                System.out.println();
                Thread.sleep(1000);
            }
        }

        private JsonNode find(JsonNode status) throws IOException {
            String[] wanted = which.split(":", 2);
            List<JsonNode> found = new ArrayList<>();
            List<JsonNode> exact = new ArrayList<>();
            List<String> names = new ArrayList<>();
            for (JsonNode attachment : status.path("attachments")) {
                String container = attachment.path("containerId").asText();
                String ifName = attachment.path("ifName").asText();
                names.add(container + ":" + ifName);
                if (container.startsWith(wanted[0]) && (wanted.length == 1 || ifName.equals(wanted[1]))) {
                    (container.equals(wanted[0]) ? exact : found).add(attachment);
                }
            }
            if (!exact.isEmpty()) {
                found = exact;
            }
            if (found.size() != 1) {
                throw new IOException((found.isEmpty() ? "no attachment is '" : "several attachments are '") + which
                        + "'; there are: " + String.join(", ", names));
            }
            return found.get(0);
        }
    }
}

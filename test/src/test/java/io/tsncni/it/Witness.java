// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.testbed.Shell;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A plugin that writes down what it is called with, and does what a test wants it to. It makes no interface. */
final class Witness implements AutoCloseable {
    static final String TYPE = "witness";

    // A result of its own, or the one before it. The chained one must be the last key on its one line.
    private static final String SCRIPT =
            """
            #!/bin/sh
            conf=$(cat)
            cd '%s' || exit 1
            call=$(date +%%s%%N)-$$
            env >$call.env
            echo "$conf" >$call.stdin
            mv $call.stdin $call.call
            version=$(echo "$conf" | sed 's/.*"cniVersion" *: *"\\([^"]*\\)".*/\\1/')
            [ ! -e on-$CNI_COMMAND-$CNI_IFNAME ] || . ./on-$CNI_COMMAND-$CNI_IFNAME
            [ ! -e on-$CNI_COMMAND ] || . ./on-$CNI_COMMAND
            [ "$CNI_COMMAND" = ADD ] || exit 0
            case $conf in
            *'"prevResult"'*)
                echo "$conf" | sed 's/.*"prevResult":\\(.*\\)}$/\\1/'
                ;;
            *)
                n=${CNI_IFNAME#net}
                cat <<END
            {"cniVersion": "$version", "dns": {},
             "interfaces": [{"name": "$CNI_IFNAME", "mac": "02:00:00:00:00:01", "sandbox": "$CNI_NETNS"}],
             "ips": [{"version": "4", "interface": 0, "address": "192.0.2.$(($n + 10))/24"}]}
            END
            esac
            """;

    record Call(JsonNode conf, Map<String, String> env) {
        String command() {
            return env.get("CNI_COMMAND");
        }

        String ifName() {
            return env.get("CNI_IFNAME");
        }

        /** COMMAND INTERFACE, for the order of calls. */
        @Override
        public String toString() {
            return command() + " " + ifName();
        }
    }

    private final Path directory;

    Witness() {
        try {
            directory = Files.createTempDirectory("witness");
            Files.createDirectory(log());
            Files.writeString(binDir().resolve(TYPE), SCRIPT.formatted(log()));
            Files.setPosixFilePermissions(binDir().resolve(TYPE), PosixFilePermissions.fromString("rwxr-xr-x"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path binDir() {
        return directory;
    }

    private Path log() {
        return directory.resolve("log");
    }

    /** A network of it alone. */
    static ObjectNode network(String name) {
        return Nodes.JSON
                .createObjectNode()
                .put("cniVersion", "1.0.0")
                .put("name", name)
                .put("type", TYPE);
    }

    /** A line of shell for a command, or for {@code COMMAND-INTERFACE}; it runs where the calls are logged. */
    void on(String command, String script) {
        try {
            Files.writeString(log().resolve("on-" + command), script + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void onNoMore(String command) {
        Shell.run("rm", log().resolve("on-" + command).toString());
    }

    static String failing(int code, String msg, String details) {
        return "echo '{\"cniVersion\": \"1.0.0\", \"code\": %d, \"msg\": \"%s\", \"details\": \"%s\"}'; exit 1"
                .formatted(code, msg, details);
    }

    /** Fails unless all of these files are there within so many times 50 ms. */
    static String awaiting(int times, String... files) {
        String wait =
                "i=0; until [ -e %s ]; do i=$((i + 1)); sleep 0.05; [ $i -lt %d ] || { echo alone; exit 1; }; done";
        return Arrays.stream(files).map(file -> wait.formatted(file, times)).collect(Collectors.joining("\n"));
    }

    boolean has(String file) {
        return Files.exists(log().resolve(file));
    }

    /** In the order in which they came. */
    List<Call> calls() {
        List<Call> calls = new ArrayList<>();
        try (Stream<Path> files = Files.list(log())) {
            for (Path file : files.filter(each -> each.toString().endsWith(".call"))
                    .sorted()
                    .toList()) {
                Map<String, String> env = new LinkedHashMap<>();
                Files.readAllLines(Path.of(file.toString().replaceAll("call$", "env")))
                        .forEach(line -> env.put(line.replaceAll("=.*", ""), line.replaceAll("^[^=]*=", "")));
                calls.add(new Call(Nodes.json(Files.readString(file)), env));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return calls;
    }

    List<Call> calls(String command) {
        return calls().stream().filter(call -> call.command().equals(command)).toList();
    }

    @Override
    public void close() {
        Shell.run("rm", "-rf", directory.toString());
    }
}

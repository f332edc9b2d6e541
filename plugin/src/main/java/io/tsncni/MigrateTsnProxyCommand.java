// SPDX-License-Identifier: Apache-2.0
package io.tsncni;

import io.tsncni.agent.AgentConfig;
import io.tsncni.cni.CniException;
import io.tsncni.datapath.TsnProxyPrograms;
import io.tsncni.install.EntryState;
import io.tsncni.install.Installer;
import io.tsncni.install.TsnProxyFiles;
import io.tsncni.install.TsnProxySettings;
import io.tsncni.kube.ManifestText;
import io.tsncni.resolve.TsnConf;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/**
 * {@code tsnd migrate tsn-proxy}. Its shim and entry are replaced first, so that a pod which starts meanwhile gets one of
 * the two; then goes what would restore priorities beside us, then the rest. Each step can be the last: run it again.
 */
@Command(
        name = "tsn-proxy",
        description = {
            "Shows what Ericsson's tsn-proxy has on this node; with --replace, puts tsn-cni in its place.",
            "Its DaemonSet has to be gone by then. Pods that run keep their network; their packets have no priority until they"
                    + " are started anew."
        },
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:nothing of tsn-proxy is here, or not any more",
            "1:it failed",
            "3:some of it is here, or our entry has no place"
        },
        mixinStandardHelpOptions = true)
final class MigrateTsnProxyCommand implements Callable<Integer> {
    private static final int NOT_DONE = 3;

    /** The init container that puts it on a node. */
    private static final String INSTALLER = "tsn-proxy-cni-install";

    @Option(names = "--replace", description = "do it; without, nothing is changed")
    private boolean replace;

    @Option(names = "--no-entry", description = "take its entry out, and put none of ours there")
    private boolean noEntry;

    @Option(
            names = "--from-configmap",
            paramLabel = "FILE",
            description =
                    "print the settings of ours that do what its ConfigMap does, YAML or JSON, and end; - is stdin")
    private String configMap;

    @Option(
            names = "--pod-logs",
            paramLabel = "DIR",
            description =
                    "where the kubelet has a directory for each pod of the node (default: ${DEFAULT-VALUE}); if it is"
                            + " there, it is looked for a pod of tsn-proxy's DaemonSet")
    private Path podLogs = Path.of("/var/log/pods");

    @ParentCommand
    private MigrateCommand migrate;

    private final PrintStream out = System.out;

    @Override
    public Integer call() throws IOException {
        if (configMap != null) {
            new TsnProxySettings(ManifestText.configMap(configMap, read(configMap))).print(out);
            return 0;
        }
        Main tsnd = migrate.tsnd();
        AgentConfig settings = tsnd.settings();
        TsnProxy.Found found = tsnd.tsnProxy().find();
        found.lines().forEach(out::println);
        found.files()
                .copies()
                .forEach(file -> out.println(file + ": a copy of its entry, which tsn-cni's plugin understands; the"
                        + " program that copies it has to write the file anew"));
        if (found.isEmpty()) {
            out.println("nothing of tsn-proxy is here");
            return 0;
        }
        List<String> obstacles = obstacles(found, settings);
        if (!replace) {
            out.println(TsnProxy.WHY);
            obstacles.forEach(obstacle -> out.println("before --replace: " + obstacle));
            out.println("nothing was changed; --replace takes all of this away and puts tsn-cni in its place");
            return NOT_DONE;
        }
        if (!obstacles.isEmpty()) {
            throw new IOException(String.join("\n", obstacles));
        }
        return replace(tsnd, settings);
    }

    private int replace(Main tsnd, AgentConfig settings) throws IOException {
        tsnd.tsnProxyFiles().replace(settings.entry()).forEach(this::done);
        Installer.Installed installed = tsnd.installer(settings).install();
        if (installed.entry()) {
            done(installed.state().toString());
        }
        // Its script may have been at work until now.
        TsnProxyPrograms programs = tsnd.tsnProxy().find().programs();
        programs.remove();
        programs.attached().forEach(program -> done("detached from " + program));
        programs.pins().stream().filter(pin -> !Files.exists(pin)).forEach(pin -> done("removed " + pin));
        tsnd.tsnProxyFiles().removeDirectory().forEach(this::done);

        TsnProxy.Found left = tsnd.tsnProxy().find();
        left.lines().forEach(line -> out.println("still here, or again: " + line));
        if (!left.isEmpty()) {
            out.println("is there still a pod of its DaemonSet, or one of its pods just starting? Then run it again");
            return NOT_DONE;
        }
        out.println("nothing of tsn-proxy is here any more; pods that were started with it have to be started anew");
        if (installed.state() instanceof EntryState.Missing) {
            out.println(installed.state());
            return NOT_DONE;
        }
        return 0;
    }

    private void done(String line) {
        out.println("done: " + line);
    }

    /** What an operator has to do first. */
    private List<String> obstacles(TsnProxy.Found found, AgentConfig settings) throws IOException {
        return Stream.of(running(), entryOrNot(found, settings), otherNic(found, settings))
                .flatMap(Optional::stream)
                .toList();
    }

    /**
     * As the kubelet has it, which removes a pod's logs a minute or two after the pod. What runs in it is a mere sleep,
     * which could be anybody's.
     */
    private Optional<String> running() throws IOException {
        if (!Files.isDirectory(podLogs)) {
            return Optional.empty();
        }
        try (Stream<Path> pods = Files.list(podLogs)) {
            return pods.filter(pod -> Files.isDirectory(pod.resolve(INSTALLER)))
                    .findFirst()
                    .map(pod -> "a pod of tsn-proxy's DaemonSet is on this node, or was a minute ago (" + pod
                            + "); when it starts anew it puts everything back. kubectl delete daemonset cni-demo, and wait"
                            + " until that directory is gone");
        }
    }

    private Optional<String> entryOrNot(TsnProxy.Found found, AgentConfig settings) {
        List<TsnProxyFiles.Entry> entries = found.files().entries();
        if (noEntry && settings.entry().isPresent()) {
            return Optional.of(
                    "--no-entry, and the settings ask for one (install.chain), which the agent would put there;"
                            + " keep one of the two");
        }
        if (noEntry || settings.entry().isPresent() || entries.isEmpty()) {
            return Optional.empty();
        }
        TsnProxyFiles.Entry entry = entries.get(0);
        return Optional.of(
                "the settings ask for no entry, so pods would lose what tsn-proxy's gives them; to keep it, give"
                        + " the agent and this command "
                        + new TsnProxySettings(entry.egress(), entry.hook()).settings()
                        + "; if pods are to name a NetworkAttachmentDefinition instead: --no-entry");
    }

    private Optional<String> otherNic(TsnProxy.Found found, AgentConfig settings) throws IOException {
        if (settings.entry().isEmpty()) {
            return Optional.empty();
        }
        List<String> ours;
        try {
            ours = TsnConf.parse(settings.entry().get()).egress();
        } catch (CniException e) {
            throw new IOException(e.getMessage(), e);
        }
        TreeSet<String> theirs = new TreeSet<>();
        found.files().entries().forEach(entry -> entry.egress().ifPresent(theirs::add));
        theirs.removeAll(ours);
        return theirs.isEmpty() || ours.isEmpty()
                ? Optional.empty()
                : Optional.of("tsn-proxy's entry has the NIC " + String.join(", ", theirs) + ", and the settings have "
                        + String.join(", ", ours) + " (install.entry.egress); make them the same, as a pod that starts"
                        + " meanwhile may get either");
    }

    private static byte[] read(String file) throws IOException {
        return file.equals("-") ? System.in.readAllBytes() : Files.readAllBytes(Path.of(file));
    }
}

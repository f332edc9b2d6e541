// SPDX-License-Identifier: Apache-2.0
package io.tsncni;

import io.tsncni.agent.AgentConfig;
import io.tsncni.agent.Uninstall;
import io.tsncni.install.Installer;
import io.tsncni.state.StateLock;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code tsnd uninstall}: the entry first, so that new pods start without us, then what it named. */
@Command(
        name = "uninstall",
        description = "Takes away what tsnd install and the agent have put on this node. The agent must not run.",
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {"0:nothing of it is left", "1:it failed", "3:the shim is still needed"},
        mixinStandardHelpOptions = true)
final class UninstallCommand implements Callable<Integer> {
    private static final int STILL_NEEDED = 3;

    @Option(names = "--force", description = "even if pods have networks that nobody can take away afterwards")
    private boolean force;

    @ParentCommand
    private Main tsnd;

    @Override
    @SuppressWarnings("try") // The lock is held while the body runs.
    public Integer call() throws IOException {
        Path stateDir = tsnd.stateDir();
        if (!Files.isDirectory(stateDir)) {
            return uninstall();
        }
        // A running agent would put everything back.
        try (StateLock alone = StateLock.take(stateDir)) {
            if (!force) {
                Uninstall.requireNoDelegates(stateDir);
            }
            return uninstall();
        }
    }

    private int uninstall() throws IOException {
        // Settings that are wrong must not keep anybody from it.
        Installer.Uninstalled files = tsnd.installer(AgentConfig.DEFAULT).uninstall();
        files.lines().forEach(System.out::println);
        Uninstall.run(tsnd.stateDir(), tsnd.bpffs(), System.out::println);
        removeSocket(tsnd.socket().toAbsolutePath());
        return files.shim().isPresent() ? 0 : STILL_NEEDED;
    }

    private static void removeSocket(Path socket) throws IOException {
        Files.deleteIfExists(socket);
        try {
            Files.deleteIfExists(socket.getParent());
        } catch (DirectoryNotEmptyException e) {
            System.out.println("socket: " + socket.getParent() + " stays, there is more in it");
        }
    }
}

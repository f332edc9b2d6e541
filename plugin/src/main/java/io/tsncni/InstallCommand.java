// SPDX-License-Identifier: Apache-2.0
package io.tsncni;

import io.tsncni.install.EntryState;
import io.tsncni.install.Installer;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/** {@code tsnd install}, once; {@code tsnd --install} keeps it so. */
@Command(
        name = "install",
        description =
                "Puts the shim where the runtime looks for plugins and, if the settings ask for it, an entry into the"
                        + " runtime's list of plugins.",
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {"0:all is in place", "1:it failed", "3:the entry has no place yet"},
        mixinStandardHelpOptions = true)
final class InstallCommand implements Callable<Integer> {
    private static final int NO_PLACE = 3;

    @ParentCommand
    private Main tsnd;

    @Override
    public Integer call() throws IOException {
        Installer.Installed installed = tsnd.installer(tsnd.settings()).install();
        System.out.println("shim: " + (installed.shim() ? "installed" : "there already"));
        System.out.println(installed.state() + (installed.entry() ? ", new or changed" : ""));
        return installed.state() instanceof EntryState.Missing ? NO_PLACE : 0;
    }
}

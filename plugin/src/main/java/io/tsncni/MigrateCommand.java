// SPDX-License-Identifier: Apache-2.0
package io.tsncni;

import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/** {@code tsnd migrate}: from what others have on this node. */
@Command(
        name = "migrate",
        description = "Shows what another program of tsn-cni's kind has on this node, and replaces it.",
        subcommands = MigrateTsnProxyCommand.class,
        mixinStandardHelpOptions = true)
final class MigrateCommand {
    @ParentCommand
    private Main tsnd;

    Main tsnd() {
        return tsnd;
    }
}

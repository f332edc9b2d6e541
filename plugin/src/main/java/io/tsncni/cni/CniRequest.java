// SPDX-License-Identifier: Apache-2.0
package io.tsncni.cni;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One call of the plugin: environment and stdin, understood.
 *
 * @param attachment for the commands that have one
 * @param netnsPath CNI_NETNS, empty if the runtime gave none; only ever shown, never opened
 * @param args CNI_ARGS
 * @param path the directories of CNI_PATH
 */
public record CniRequest(
        CniCommand command,
        Optional<AttachmentKey> attachment,
        String netnsPath,
        CniArgs args,
        List<String> path,
        PluginConf conf) {

    public static CniRequest parse(Map<String, String> environment, byte[] stdin) throws CniException {
        String name = environment.getOrDefault("CNI_COMMAND", "");
        CniCommand command =
                CniCommand.of(name).orElseThrow(() -> environment("CNI_COMMAND: '" + name + "' is not a CNI command"));
        String netnsPath = environment.getOrDefault("CNI_NETNS", "");
        if (command.needsNetns() && netnsPath.isEmpty()) {
            throw environment("CNI_NETNS: required for " + command + ", and not set");
        }
        Optional<AttachmentKey> attachment =
                command.ofAttachment() ? Optional.of(attachment(environment, command)) : Optional.empty();
        // A previous result that has become wrong must not keep a pod from going.
        PluginConf conf = command == CniCommand.DEL ? PluginConf.parseWithoutResult(stdin) : PluginConf.parse(stdin);
        if (conf.version().compareTo(command.since()) < 0) {
            throw new CniException(
                    CniErrorCode.INCOMPATIBLE_VERSION,
                    "cniVersion: " + conf.version() + " has no " + command + ", which came with " + command.since());
        }
        CniArgs args = CniArgs.parse(environment.getOrDefault("CNI_ARGS", ""));
        return new CniRequest(command, attachment, netnsPath, args, path(environment), conf);
    }

    /** Only whole paths: the shim runs nothing relative to where it happens to be. */
    private static List<String> path(Map<String, String> environment) {
        return Arrays.stream(environment.getOrDefault("CNI_PATH", "").split(":"))
                .filter(directory -> directory.startsWith("/"))
                .toList();
    }

    /** The attachment of a command that has one. */
    public AttachmentKey key() {
        return attachment.orElseThrow(() -> new IllegalStateException(command + " is of no attachment"));
    }

    private static AttachmentKey attachment(Map<String, String> environment, CniCommand command) throws CniException {
        for (String variable : new String[] {"CNI_CONTAINERID", "CNI_IFNAME"}) {
            if (environment.getOrDefault(variable, "").isEmpty()) {
                throw environment(variable + ": required for " + command + ", and not set");
            }
        }
        try {
            return new AttachmentKey(environment.get("CNI_CONTAINERID"), environment.get("CNI_IFNAME"));
        } catch (IllegalArgumentException e) {
            throw environment(e.getMessage());
        }
    }

    private static CniException environment(String problem) {
        return new CniException(CniErrorCode.INVALID_ENVIRONMENT, problem);
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.testbed;

import java.nio.file.Files;
import java.nio.file.Path;

/** A network namespace under /run/netns with a random name, as a runtime makes one for a pod. */
public final class PodNetns implements AutoCloseable {
    private final String name;

    private PodNetns(String name) {
        this.name = name;
    }

    public static PodNetns create(String prefix) {
        PodNetns netns = new PodNetns(RandomName.of(prefix + "-"));
        Shell.run("ip", "netns", "add", netns.name);
        netns.exec("ip", "link", "set", "lo", "up");
        // Nobody else is on these links: an IPv6 address need not wait a second for duplicates.
        netns.exec("sysctl", "-qw", "net.ipv6.conf.default.accept_dad=0");
        return netns;
    }

    public String name() {
        return name;
    }

    public Path path() {
        return Path.of("/run/netns", name);
    }

    /** A command inside. Not {@code ip netns exec}: that mounts another /sys, without the pins. */
    public Shell command(String... command) {
        return Shell.of("nsenter", "--net=" + path()).and(command);
    }

    public Shell.Result exec(String... command) {
        return command(command).run();
    }

    /** Removes it; it may be gone already, as after a test of just that. */
    @Override
    public void close() {
        if (Files.exists(path())) {
            Shell.run("ip", "netns", "del", name);
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import io.tsncni.testbed.Node;
import io.tsncni.testbed.Shell;
import java.nio.file.Path;

/** Programs of others on a node's devices, which let all pass and end the hook for whoever comes behind them. */
final class Foreign implements AutoCloseable {
    private final Path object;
    private final Path tcx;
    private final Path pins;
    private int loaded;

    Foreign(Node node) {
        object = node.artifacts().bpf("foreign");
        tcx = node.artifacts().build().resolve("c/tcx");
        pins = Path.of("/sys/fs/bpf", "foreign-" + node.nic().name());
        Shell.run("mkdir", pins.toString());
    }

    /** Anew each time: a hook takes a program once. */
    private Path load() {
        Path programs = pins.resolve(Integer.toString(loaded++));
        Shell.run("bpftool", "prog", "loadall", object.toString(), programs.toString());
        return programs;
    }

    /** A clsact filter; what has a lower preference comes first. */
    void filter(String device, String direction, int preference) {
        Shell.of("tc", "qdisc", "add", "dev", device, "clsact").attempt();
        Shell.of("tc", "filter", "add", "dev", device, direction, "pref", Integer.toString(preference))
                .and("protocol", "all", "bpf", "direct-action", "object-pinned")
                .and(load().resolve("foreign_ok").toString())
                .run();
    }

    /** @param place first or last */
    void tcx(String device, String direction, String place) {
        Path programs = load();
        String program = programs.resolve("foreign_ok").toString();
        Shell.of(
                        tcx,
                        direction,
                        device,
                        place,
                        program,
                        programs.resolve("link").toString())
                .run();
    }

    void xdp(String device) {
        Shell.run(
                "ip",
                "link",
                "set",
                "dev",
                device,
                "xdpdrv",
                "pinned",
                load().resolve("foreign_pass").toString());
    }

    @Override
    public void close() {
        Shell.run("rm", "-r", pins.toString());
    }
}

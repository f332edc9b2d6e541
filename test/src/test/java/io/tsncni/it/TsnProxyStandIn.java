// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.testbed.Node;
import io.tsncni.testbed.Pod;
import io.tsncni.testbed.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What Ericsson's tsn-proxy leaves on a node, made by us: its image cannot be had where these tests run. Names, places
 * and kinds are those of its sources (github.com/EricssonResearch/tsn-proxy, 4a9e420: cni-plugin/tsn,
 * cni-plugin/install.sh, daemonset.yaml, bpf/); what its files and programs do is not. The BPF file system is the agent's.
 */
final class TsnProxyStandIn {
    static final String NODE_NAME = "worker-1";

    private static final List<String> HELPERS = List.of(
            "bpftool",
            "jq",
            "install.sh",
            "saver.bpf.o",
            "restorer.bpf.o",
            "tracking.bpf.o",
            "garbage_collector.bpf.o");

    private final Node node;
    private final Path bpffs;
    private final Path binDir;

    TsnProxyStandIn(Node node, Path binDir) {
        this.node = node;
        this.bpffs = node.agent().bpffs();
        this.binDir = binDir;
    }

    /** As its install.sh makes it of a ConfigMap with both keys. */
    ObjectNode entry() {
        return Nodes.JSON
                .createObjectNode()
                .put("type", "tsn")
                .put("tsnIfname", node.nic().name())
                .put("tsnIngressOrEgress", "egress");
    }

    /** All but the entry. */
    void plant() throws IOException {
        plantFiles();
        plantPins();
        attach("egress", node.nic().name());
    }

    void plantFiles() throws IOException {
        Path helpers = Files.createDirectories(binDir.resolve("tsn-metadata-proxy"));
        for (String helper : HELPERS) {
            Files.writeString(helpers.resolve(helper), helper);
        }
        Path script = Files.writeString(
                binDir.resolve("tsn"),
                "#!/bin/bash -e\n# A stand-in.\nBIN_DIR=/opt/cni/bin/tsn-metadata-proxy\nexit 1\n");
        Shell.run("chmod", "755", script.toString());
    }

    void plantPins() throws IOException {
        Files.createDirectories(bpffs);
        Path loaded = bpffs.resolve("loaded");
        Path maps = bpffs.resolve("maps");
        String object = node.artifacts().bpf("tsn_proxy").toString();
        Shell.run("bpftool", "prog", "loadall", object, loaded.toString(), "pinmaps", maps.toString());
        Files.move(loaded.resolve("save_metadata"), bpffs.resolve("saver"));
        Files.move(loaded.resolve("restore_metadata"), bpffs.resolve("restorer"));
        Files.move(loaded.resolve("garbage_collector"), bpffs.resolve("garbage_collector"));
        Files.move(maps.resolve("tsn_map"), bpffs.resolve("tsn_map"));
        Files.move(maps.resolve("timer_map"), bpffs.resolve("timer_map"));
        pinTracker(loaded.resolve("fexit_skb_clone"));
        Files.delete(loaded);
        Files.delete(maps);
        Path ofNode = Files.createDirectory(bpffs.resolve(NODE_NAME)).resolve("tsn_map");
        Shell.of("bpftool", "map", "create", ofNode.toString())
                .and("type", "hash", "key", "8", "value", "16", "entries", "2048", "name", "tsn_map")
                .run();
    }

    /** A link, of a tracing program if the kernel lets us: one that is locked down has no use for tsn-proxy. */
    private void pinTracker(Path substitute) throws IOException {
        Path tracking = bpffs.resolve("tracking");
        Path tracer = bpffs.resolve("tracer");
        String object = node.artifacts().bpf("tsn_proxy_tracking").toString();
        if (Shell.of("bpftool", "prog", "load", object, tracer.toString())
                        .attempt()
                        .exit()
                == 0) {
            Shell.of(node.artifacts().build().resolve("c/fexit"), tracer.toString(), tracking.toString())
                    .run();
            Files.delete(tracer);
        } else {
            Shell.of(node.artifacts().build().resolve("c/tcx"), "egress", "lo", "last")
                    .and(substitute.toString(), tracking.toString())
                    .run();
        }
        Files.delete(substitute);
    }

    /** Its restorer. */
    void attach(String direction, String device) {
        tcx(direction, device).run();
    }

    private Shell tcx(String direction, String device) {
        return Shell.of(node.artifacts().build().resolve("c/tcx"))
                .and(direction, device, "last", bpffs.resolve("restorer").toString());
    }

    /** A pod of its time: its saver is where only the pod's namespace reaches. */
    void attachSaver(Pod pod) {
        String tcx = node.artifacts().build().resolve("c/tcx").toString();
        pod.netns().exec(tcx, "egress", "eth0", "last", bpffs.resolve("saver").toString());
    }

    /** The kernel's number of what is pinned there. */
    int program(String pin) {
        JsonNode shown = Nodes.json(Shell.run(
                        "bpftool",
                        "-j",
                        "prog",
                        "show",
                        "pinned",
                        bpffs.resolve(pin).toString())
                .stdout());
        return shown.required("id").asInt();
    }
}

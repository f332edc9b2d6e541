// SPDX-License-Identifier: Apache-2.0
package io.tsncni.testbed;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What the meta-plugin costs: a pod's networks attached by us, beside the same plugins run one after another by hand.
 * Both take turns; the API server is fabric8's, over HTTPS.
 */
final class MetaBench {
    private static final int WARM_UP = 40;
    private static final int ROUNDS = 60;

    private final Artifacts artifacts;

    MetaBench(Artifacts artifacts) {
        this.artifacts = artifacts;
    }

    /** Microseconds of one round. */
    private record Round(long directAdd, long directDel, long ourAdd, long ourDel) {}

    void run(int secondaries) throws IOException {
        try (ApiServer api = ApiServer.started();
                Node node = new Node(artifacts, Qdisc.HTB);
                PodNetns direct = PodNetns.create("direct");
                PodNetns ours = PodNetns.create("ours")) {
            node.agent().follow(api);
            node.agent().start();
            List<Path> confs = new ArrayList<>();
            ObjectNode first = node.bridgeEntry().put("cniVersion", "1.0.0").put("name", "pods");
            confs.add(file(first));
            for (int i = 1; i <= secondaries; i++) {
                ObjectNode other = node.bridgeNetwork("extra" + i);
                api.nad("plant", "extra" + i, other);
                confs.add(file(other));
            }
            String annotation = IntStream.rangeClosed(1, secondaries)
                    .mapToObj(i -> "extra" + i)
                    .collect(Collectors.joining(","));
            String uid = api.pod("plant", "pod", Map.of("k8s.v1.cni.cncf.io/networks", annotation));
            ObjectNode meta = new ObjectMapper()
                    .createObjectNode()
                    .put("cniVersion", "1.0.0")
                    .put("name", "meta")
                    .put("type", "tsn");
            meta.putArray("delegates").add(first);
            Path metaConf = file(meta);
            Attachment attachment = new Attachment("ours", ours)
                    .args("IgnoreUnknown=1;K8S_POD_NAMESPACE=plant;K8S_POD_NAME=pod;K8S_POD_UID=" + uid);
            List<Round> rounds = new ArrayList<>();
            for (int i = 0; i < WARM_UP + ROUNDS; i++) {
                long directAdd = direct(node, "ADD", confs, new Attachment("direct", direct), false);
                long directDel = direct(node, "DEL", confs, new Attachment("direct", direct), true);
                long ourAdd = time(node, "ADD", artifacts.shim(), metaConf, attachment);
                long ourDel = time(node, "DEL", artifacts.shim(), metaConf, attachment);
                rounds.add(new Round(directAdd, directDel, ourAdd, ourDel));
            }
            say(secondaries, rounds.subList(WARM_UP, rounds.size()));
        }
    }

    private static void say(int secondaries, List<Round> rounds) {
        String what = "default network and " + secondaries + (secondaries == 1 ? " NAD" : " NADs") + ", all bridge: ";
        for (boolean add : new boolean[] {true, false}) {
            List<Long> direct = new ArrayList<>();
            List<Long> ours = new ArrayList<>();
            List<Long> more = new ArrayList<>();
            for (Round round : rounds) {
                direct.add(add ? round.directAdd() : round.directDel());
                ours.add(add ? round.ourAdd() : round.ourDel());
                more.add(ours.get(ours.size() - 1) - direct.get(direct.size() - 1));
            }
            System.out.printf(
                    "| %s%s | plugins in sequence %.1f ms, ours %.1f ms, difference %+.1f ms, ratio %.2f (medians) |%n",
                    what,
                    add ? "ADD" : "DEL",
                    median(direct) / 1e3,
                    median(ours) / 1e3,
                    median(more) / 1e3,
                    (double) median(ours) / median(direct));
        }
    }

    private long direct(Node node, String command, List<Path> confs, Attachment attachment, boolean reverse) {
        List<Integer> order =
                new ArrayList<>(IntStream.range(0, confs.size()).boxed().toList());
        if (reverse) {
            Collections.reverse(order);
        }
        long sum = 0;
        for (int i : order) {
            Attachment one = attachment.ifName(i == 0 ? "eth0" : "net" + i);
            sum += time(node, command, Path.of("/usr/lib/cni/bridge"), confs.get(i), one);
        }
        return sum;
    }

    private long time(Node node, String command, Path program, Path conf, Attachment attachment) {
        String path = node.cniPath().stream().map(Path::toString).collect(Collectors.joining(":"));
        String line = Shell.of(artifacts.stopwatch(), "1", conf.toString(), program.toString(), command)
                .with(node.agent().env())
                .with(attachment.env())
                .with("CNI_PATH", path)
                .run()
                .stdout()
                .strip();
        return Long.parseLong(line.substring(line.indexOf(' ') + 1));
    }

    private static Path file(ObjectNode conf) throws IOException {
        return Files.writeString(Files.createTempFile("bench", ".json"), conf.toString());
    }

    private static long median(List<Long> values) {
        List<Long> sorted = new ArrayList<>(values);
        Collections.sort(sorted);
        return sorted.get(sorted.size() / 2);
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.testbed;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What the meta-plugin costs: a pod's networks attached by us, beside the same plugins run one after another by hand.
 * Both take turns; the API server is fabric8's, over HTTPS. Its answer to the patch of a pod is a part of our ADD and not
 * of our making; a client of the benchmark's own sends it the same, for comparison.
 */
final class MetaBench {
    private static final int WARM_UP = 40;
    private static final int ROUNDS = 60;
    private static final int STATUS_LENGTH = 500;

    private final Artifacts artifacts;

    MetaBench(Artifacts artifacts) {
        this.artifacts = artifacts;
    }

    /** Microseconds of one round. */
    private record Round(long directAdd, long directDel, long ourAdd, long ourDel, long patch) {}

    /** What a pod's networks are made of. */
    private record Kind(String name, Path plugin, ObjectNode first, List<ObjectNode> others) {}

    /** Our own cost alone: what the kernel takes for an interface varies by more than that. */
    void runWithoutInterfaces() throws IOException {
        run(node -> {
            ObjectNode conf = new ObjectMapper().createObjectNode().put("cniVersion", "1.0.0");
            conf.put("type", artifacts.answer().getFileName().toString()).put("name", "extra1");
            return new Kind(
                    "plugins that do nothing",
                    artifacts.answer(),
                    conf.deepCopy().put("name", "pods"),
                    List.of(conf));
        });
    }

    void run(int secondaries) throws IOException {
        run(node -> {
            ObjectNode first = node.bridgeEntry().put("cniVersion", "1.0.0").put("name", "pods");
            List<ObjectNode> others = IntStream.rangeClosed(1, secondaries)
                    .mapToObj(i -> node.bridgeNetwork("extra" + i))
                    .toList();
            return new Kind("all bridge", Path.of("/usr/lib/cni/bridge"), first, others);
        });
    }

    private void run(Function<Node, Kind> kinds) throws IOException {
        try (ApiServer api = ApiServer.started();
                HttpClient client = api.client();
                Node node = new Node(artifacts, Qdisc.HTB);
                PodNetns direct = PodNetns.create("direct");
                PodNetns ours = PodNetns.create("ours")) {
            node.agent().follow(api);
            node.agent().start();
            Kind kind = kinds.apply(node);
            List<Path> confs = new ArrayList<>(List.of(file(kind.first())));
            for (ObjectNode other : kind.others()) {
                api.nad("plant", other.path("name").asText(), other);
                confs.add(file(other));
            }
            String annotation = kind.others().stream()
                    .map(other -> other.path("name").asText())
                    .collect(Collectors.joining(","));
            String uid = api.pod("plant", "pod", Map.of("k8s.v1.cni.cncf.io/networks", annotation));
            ObjectNode meta = new ObjectMapper()
                    .createObjectNode()
                    .put("cniVersion", "1.0.0")
                    .put("name", "meta")
                    .put("type", "tsn");
            meta.putArray("delegates").add(kind.first());
            Path metaConf = file(meta);
            Attachment attachment = new Attachment("ours", ours)
                    .args("IgnoreUnknown=1;K8S_POD_NAMESPACE=plant;K8S_POD_NAME=pod;K8S_POD_UID=" + uid);
            List<Round> rounds = new ArrayList<>();
            for (int i = 0; i < WARM_UP + ROUNDS; i++) {
                long directAdd = direct(node, kind, "ADD", confs, new Attachment("direct", direct), false);
                long directDel = direct(node, kind, "DEL", confs, new Attachment("direct", direct), true);
                long ourAdd = time(node, "ADD", artifacts.shim(), metaConf, attachment);
                long ourDel = time(node, "DEL", artifacts.shim(), metaConf, attachment);
                rounds.add(new Round(
                        directAdd, directDel, ourAdd, ourDel, patch(client, api.statusOfPod("plant", "pod"), i)));
            }
            say(kind, rounds.subList(WARM_UP, rounds.size()));
        }
    }

    private static void say(Kind kind, List<Round> rounds) {
        int count = kind.others().size();
        String what = "default network and " + count + (count == 1 ? " NAD, " : " NADs, ") + kind.name() + ": ";
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
                    Bench.median(direct) / 1e3,
                    Bench.median(ours) / 1e3,
                    Bench.median(more) / 1e3,
                    (double) Bench.median(ours) / Bench.median(direct));
        }
        System.out.printf(
                "| %sthe API server's part of the ADD | %.1f ms (median of the same patch from another client) |%n",
                what, Bench.median(rounds.stream().map(Round::patch).toList()) / 1e3);
    }

    /** @return how long a network-status of two networks took, in microseconds */
    private static long patch(HttpClient client, URI status, int round) {
        ObjectNode patch = new ObjectMapper().createObjectNode();
        patch.putObject("metadata")
                .putObject("annotations")
                .put("k8s.v1.cni.cncf.io/network-status", round + "-".repeat(STATUS_LENGTH));
        HttpRequest request = client.newHttpRequestBuilder()
                .method("PATCH", "application/merge-patch+json", patch.toString())
                .uri(status)
                .build();
        long start = System.nanoTime();
        int code = client.sendAsync(request, String.class).join().code();
        if (code / 100 != 2) {
            throw new IllegalStateException("PATCH " + status + ": HTTP " + code);
        }
        return (System.nanoTime() - start) / 1000;
    }

    private long direct(
            Node node, Kind kind, String command, List<Path> confs, Attachment attachment, boolean reverse) {
        List<Integer> order =
                new ArrayList<>(IntStream.range(0, confs.size()).boxed().toList());
        if (reverse) {
            Collections.reverse(order);
        }
        long sum = 0;
        for (int i : order) {
            Attachment one = attachment.ifName(i == 0 ? "eth0" : "net" + i);
            sum += time(node, command, kind.plugin(), confs.get(i), one);
        }
        return sum;
    }

    private long time(Node node, String command, Path program, Path conf, Attachment attachment) {
        String path = Stream.concat(
                        node.cniPath().stream(), Stream.of(artifacts.answer().getParent()))
                .map(Path::toString)
                .collect(Collectors.joining(":"));
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
}

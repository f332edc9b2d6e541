// SPDX-License-Identifier: Apache-2.0
package io.tsncni.resolve;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.cni.CniException;
import io.tsncni.datapath.Policy;
import io.tsncni.datapath.Policy.Target;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TsnConfTest {
    private static final String IDENTITY = "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15";

    private static ObjectNode json(String conf) throws IOException {
        return (ObjectNode) new ObjectMapper().readTree(conf);
    }

    private static String text(Target target) {
        if (target instanceof Target.Priority to) {
            return Long.toString(to.value());
        }
        return target instanceof Target.Drop ? "D" : "K";
    }

    private static String text(Policy policy) {
        return policy.targets().stream().map(TsnConfTest::text).collect(Collectors.joining(" "));
    }

    /** What becomes of the priorities 0 to 15 and, last, of all above; D is dropped, K keeps its own. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            {}                                                          | 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 0
            {"unmapped": "zero"}                                        | 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 0
            {"unmapped": "keep"}                                        | 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 K
            {"unmapped": "drop"}                                        | 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 D
            {"priorityMap": {}}                                         | 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0
            {"priorityMap": {}, "unmapped": "drop"}                     | D D D D D D D D D D D D D D D D D
            {"priorityMap": {"3": 5}}                                   | 0 0 0 5 0 0 0 0 0 0 0 0 0 0 0 0 0
            {"priorityMap": {"3": 5}, "unmapped": "keep"}               | K K K 5 K K K K K K K K K K K K K
            {"priorityMap": {"*": 7}}                                   | 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7
            {"priorityMap": {"0": 1, "15": "drop", "*": 7}}             | 1 7 7 7 7 7 7 7 7 7 7 7 7 7 7 D 7
            {"priorityMap": {"3": 5, "*": "drop"}, "unmapped": "keep"}  | D D D 5 D D D D D D D D D D D D D
            {"priorityMap": {"*": 0, "3": "drop"}, "unmapped": "drop"}  | 0 0 0 D 0 0 0 0 0 0 0 0 0 0 0 0 0
            {"priorityMap": {"10": 4294967295, "1": 16}}                | 0 16 0 0 0 0 0 0 0 0 4294967295 0 0 0 0 0 0
            """)
    void aNamedPriorityGoesBeforeTheStarAndTheStarBeforeUnmapped(String conf, String policy)
            throws IOException, CniException {
        assertEquals(policy, text(TsnConf.parse(json(conf)).policy()));
    }

    @ParameterizedTest
    @CsvSource({"{}, false", "{\"txtime\": \"preserve\"}, false", "{\"txtime\": \"clear\"}, true"})
    void aLaunchTimeIsTakenAwayOnlyOnRequest(String conf, boolean clear) throws IOException, CniException {
        Policy policy = TsnConf.parse(json(conf)).policy();
        assertEquals(clear, policy.clearTxtime());
        assertEquals(IDENTITY + " 0", text(policy));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            {}                                        | ''
            {"egress": "tsn0"}                        | tsn0
            {"egress": ["tsn1", "eth0.100", "tsn0"]}  | tsn1 eth0.100 tsn0
            {"egress": "abcdefghijklmno"}             | abcdefghijklmno
            {"tsnIfname": "tsn0"}                     | tsn0
            {"tsnIfname": ["tsn0", "tsn1"]}           | tsn0 tsn1
            """)
    void egressIsOneNicOrAListInItsOrderUnderEitherName(String conf, String nics) throws IOException, CniException {
        assertEquals(nics, String.join(" ", TsnConf.parse(json(conf)).egress()));
    }

    @Test
    void interfaceNamesThePodsInterfaceIfItIsThere() throws IOException, CniException {
        assertEquals(Optional.empty(), TsnConf.parse(json("{}")).interfaceName());
        assertEquals(
                Optional.of("net1"),
                TsnConf.parse(json("{\"interface\": \"net1\"}")).interfaceName());
    }

    @Test
    void theRecordKeepsOurKeysAsTheyWereWrittenAndNoOthers() throws IOException, CniException {
        ObjectNode conf = json("{\"cniVersion\": \"1.0.0\", \"type\": \"tsn\", \"unmaped\": 1, \"egress\": [\"tsn0\"],"
                + " \"priorityMap\": {\"*\": 4294967295}, \"unmapped\": \"keep\", \"txtime\": \"clear\"}");
        ObjectNode raw = TsnConf.parse(conf).raw();
        assertEquals(
                json("{\"egress\": [\"tsn0\"], \"priorityMap\": {\"*\": 4294967295}, \"unmapped\": \"keep\","
                        + " \"txtime\": \"clear\"}"),
                raw);
        assertEquals(TsnConf.parse(conf), TsnConf.parse(raw), "from the record the same policy can be made again");
    }

    @Test
    void unknownKeysAreThoseThatNobodyReads() throws IOException {
        ObjectNode conf = json("{\"cniVersion\": \"1.1.0\", \"name\": \"n\", \"type\": \"tsn\", \"prevResult\": {},"
                + " \"egress\": \"a\", \"tsnIfname\": \"a\", \"priorityMap\": {}, \"unmapped\": \"zero\","
                + " \"txtime\": \"clear\", \"interface\": \"eth0\", \"args\": {}, \"capabilities\": {},"
                + " \"runtimeConfig\": {}, \"ipam\": {}, \"dns\": {}, \"cni.dev/valid-attachments\": [],"
                + " \"delegate\": {}, \"delegates\": [], \"clusternetwork\": \"lan\", \"parallel\": false,"
                + " \"prioritymap\": {}, \"Egress\": \"a\", \"\": 1}");
        assertEquals(Set.of("", "Egress", "prioritymap"), TsnConf.unknownKeys(conf));
    }

    /** The design's words, packet by packet: named, else "*", else unmapped; no map at all is the identity of 0..15. */
    private static String oracle(ObjectNode conf, long priority) {
        if (!conf.has("priorityMap")) {
            return priority <= 15 ? Long.toString(priority) : unmapped(conf);
        }
        for (String key : List.of(Long.toString(priority), "*")) {
            if (conf.get("priorityMap").has(key)) {
                return conf.get("priorityMap").get(key).asText().replace("drop", "D");
            }
        }
        return unmapped(conf);
    }

    private static String unmapped(ObjectNode conf) {
        return Map.of("zero", "0", "keep", "K", "drop", "D")
                .get(conf.path("unmapped").asText("zero"));
    }

    private static ObjectNode randomConf(Random random) {
        ObjectNode conf = new ObjectMapper().createObjectNode();
        if (random.nextInt(8) > 0) {
            ObjectNode map = conf.putObject("priorityMap");
            for (int n = random.nextInt(20); n > 0; n--) {
                int from = random.nextInt(17);
                String key = from == 16 ? "*" : Integer.toString(from);
                switch (random.nextInt(4)) {
                    case 0 -> map.put(key, "drop");
                    case 1 -> map.put(key, random.nextLong(1L << 32));
                    default -> map.put(key, random.nextInt(16));
                }
            }
        }
        if (random.nextBoolean()) {
            conf.put("unmapped", List.of("zero", "keep", "drop").get(random.nextInt(3)));
        }
        return conf;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void everyPolicySendsEveryPacketWhereTheWordsOfTheDesignSay(long seed) throws CniException {
        Random random = new Random(seed);
        for (int i = 0; i < 200; i++) {
            ObjectNode conf = randomConf(random);
            Policy policy = TsnConf.parse(conf).policy();
            for (long priority : random.longs(30, 0, 40).toArray()) {
                int slot = (int) Math.min(priority, 16);
                assertEquals(
                        oracle(conf, priority),
                        text(policy.targets().get(slot)),
                        () -> "seed " + seed + ", pod priority " + priority + ", " + conf);
            }
        }
    }
}

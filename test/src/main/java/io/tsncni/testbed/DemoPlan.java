// SPDX-License-Identifier: Apache-2.0
package io.tsncni.testbed;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Who sends what in the demo. */
final class DemoPlan {
    static final String POD_A = "pod A";
    static final String POD_B = "pod B";
    static final String NEIGHBOUR = "neighbour";
    static final List<String> SENDERS = List.of(POD_A, POD_B, NEIGHBOUR);

    /** Every class as it is. */
    static final Map<String, Integer> MAP_A = identity();

    static final Map<String, Integer> MAP_B = ordered("1", 2, "6", 4, "*", 0);

    private static final List<Integer> ASKS_A = List.of(0, 3, 5, 7);
    private static final List<Integer> ASKS_B = List.of(1, 6, 3);
    /** ip_forward makes classes 6, 2 and 4 of these bytes, which any program may set. */
    private static final List<Integer> TOS = List.of(0x10, 0x08, 0x18);

    private DemoPlan() {}

    /** The flows of one run; runs that start at different ports do not mix. */
    static List<Flow> flows(int firstPort) {
        List<Flow> flows = new ArrayList<>();
        for (boolean tcp : List.of(false, true)) {
            ASKS_A.forEach(
                    ask -> flows.add(new Flow(POD_A, true, tcp, ask, mapped(MAP_A, ask), firstPort + flows.size())));
            ASKS_B.forEach(
                    ask -> flows.add(new Flow(POD_B, true, tcp, ask, mapped(MAP_B, ask), firstPort + flows.size())));
            TOS.forEach(tos -> flows.add(new Flow(NEIGHBOUR, false, tcp, tos, 0, firstPort + flows.size())));
        }
        return flows;
    }

    private static int mapped(Map<String, Integer> map, int priority) {
        return map.getOrDefault(Integer.toString(priority), map.getOrDefault("*", 0));
    }

    private static Map<String, Integer> identity() {
        Map<String, Integer> map = new LinkedHashMap<>();
        for (int i = 0; i < DemoResult.CLASSES; i++) {
            map.put(Integer.toString(i), i);
        }
        return map;
    }

    private static Map<String, Integer> ordered(String a, int toA, String b, int toB, String c, int toC) {
        Map<String, Integer> map = new LinkedHashMap<>();
        map.put(a, toA);
        map.put(b, toB);
        map.put(c, toC);
        return map;
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.datapath;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tsncni.linux.CHeader;
import io.tsncni.linux.netlink.Link;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyTest {
    /** Every priority to 0, except one. */
    private static List<Policy.Target> targets(int from, String to) {
        List<Policy.Target> targets = new ArrayList<>(Collections.nCopies(Stamp.ROWS, new Policy.Target.Priority(0)));
        targets.set(
                from,
                switch (to) {
                    case "keep" -> new Policy.Target.Keep();
                    case "drop" -> new Policy.Target.Drop();
                    default -> new Policy.Target.Priority(Long.parseLong(to));
                });
        return targets;
    }

    /** 16 is the row of every priority above 15. */
    @ParameterizedTest
    @CsvSource({
        "3, 5, false, 0, 5",
        "3, 0, false, 0, 0",
        "0, 15, false, 0, 15",
        "15, 16, false, 0, 16",
        "16, 7, false, 0, 7",
        "3, 2147483648, false, 0, 2147483648",
        "3, 4294967295, false, 0, 4294967295",
        "3, 5, true, POLICY_CLEAR_TXTIME, 5",
        "3, drop, false, POLICY_DROP, 0",
        "3, drop, true, POLICY_DROP + POLICY_CLEAR_TXTIME, 0",
        "0, keep, false, POLICY_KEEP, 0",
        "3, keep, false, POLICY_KEEP, 0",
        "15, keep, true, POLICY_KEEP + POLICY_CLEAR_TXTIME, 0",
        "16, keep, false, POLICY_KEEP, 0",
    })
    void anEntryIsTheHeadersStruct(int from, String to, boolean clearTxtime, String action, long priority)
            throws IOException {
        CHeader header = CHeader.read(StampTest.HEADER);
        byte[] struct = ByteBuffer.allocate(header.sizeOf("policy_entry"))
                .order(ByteOrder.nativeOrder())
                .putInt(header.offsetOf("policy_entry", "action"), header.value(action))
                .putInt(header.offsetOf("policy_entry", "priority"), (int) priority)
                .array();
        assertArrayEquals(struct, new Policy(targets(from, to), clearTxtime).entry(from));
    }

    @Test
    void theRowsOfAPolicyAreThoseThatItGives() {
        List<Policy.Target> targets = targets(3, "5");
        targets.set(4, new Policy.Target.Drop());
        targets.set(9, new Policy.Target.Keep());
        targets.set(10, new Policy.Target.Priority(0xffffffffL));
        assertEquals(1 | 1 << 5 | 1 << 9 | 1 << Stamp.PRIORITY_OTHER, new Policy(targets, false).rows());
        assertEquals(0, new Policy(Collections.nCopies(Stamp.ROWS, new Policy.Target.Drop()), false).rows());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 16, 18})
    void aPolicyHasATargetForEveryRow(int targets) {
        List<Policy.Target> some = Collections.nCopies(targets, new Policy.Target.Drop());
        assertThrows(IllegalArgumentException.class, () -> new Policy(some, false));
    }

    @Test
    void aPolicyDoesNotChangeWithTheListThatItWasMadeOf() {
        List<Policy.Target> targets = targets(3, "5");
        Policy policy = new Policy(targets, false);
        targets.set(3, new Policy.Target.Drop());
        assertEquals(new Policy.Target.Priority(5), policy.targets().get(3));
    }

    @ParameterizedTest
    @CsvSource({"veth, false", "netkit, false", "macvlan, true", "ipvlan, true", "vlan, true", "'', true"})
    void onlyAPairTakesThePriorityAway(String kind, boolean keeps) {
        Link link = new Link(2, "eth0", kind, 7, true, 0, false, "");
        assertEquals(keeps, new PodInterface(link, 4026531840L, 7).keepsPriority());
    }
}

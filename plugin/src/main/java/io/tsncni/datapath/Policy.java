// SPDX-License-Identifier: Apache-2.0
package io.tsncni.datapath;

import java.util.List;

/**
 * What a saver does with a packet, by the priority that the application gave it.
 *
 * @param targets one for each of 0 to 15, and one for every priority above
 * @param clearTxtime whether a launch time is taken away
 */
public record Policy(List<Target> targets, boolean clearTxtime) {
    /** What becomes of a packet. */
    public sealed interface Target {
        /** It gets this priority on the NIC, an unsigned 32-bit number. */
        record Priority(long value) implements Target {}

        /** It keeps its own. */
        record Keep() implements Target {}

        record Drop() implements Target {}
    }

    public Policy {
        targets = List.copyOf(targets);
        if (targets.size() != Stamp.ROWS) {
            throw new IllegalArgumentException(targets.size() + " targets, expected " + Stamp.ROWS);
        }
    }

    /** The rows of NIC priorities that a packet may get, a bit each. */
    int rows() {
        int rows = 0;
        for (int from = 0; from < targets.size(); from++) {
            if (targets.get(from) instanceof Target.Priority to) {
                rows |= 1 << Math.min(to.value(), Stamp.PRIORITY_OTHER);
            } else if (targets.get(from) instanceof Target.Keep) {
                rows |= 1 << from;
            }
        }
        return rows;
    }

    /** struct policy_entry for one pod priority. */
    byte[] entry(int from) {
        int action = clearTxtime ? Stamp.POLICY_CLEAR_TXTIME : 0;
        long priority = 0;
        Target target = targets.get(from);
        if (target instanceof Target.Priority to) {
            priority = to.value();
        } else if (target instanceof Target.Drop) {
            action |= Stamp.POLICY_DROP;
        } else {
            action |= Stamp.POLICY_KEEP;
        }
        return Stamp.words(action, (int) priority);
    }
}

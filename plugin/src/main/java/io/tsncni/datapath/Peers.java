// SPDX-License-Identifier: Apache-2.0
package io.tsncni.datapath;

import io.tsncni.linux.libbpf.BpfMap;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;

/**
 * The host-side devices of attached pods, each with the rows of priorities that its pod's policy gives: a restorer's
 * second proof where a data plane wipes tc_index, and a bound to what a pod can gain by forgery.
 */
public final class Peers implements AutoCloseable {
    /** Packets that an earlier policy has stamped are on their way for less than that. */
    private static final Duration ON_THE_WAY = Duration.ofSeconds(5);

    private record Narrower(int rows, long since) {}

    private final BpfMap map;
    private final Map<Integer, Integer> rowsNow = new HashMap<>();

    /** What each of these will be once nothing of an earlier policy is on its way. */
    private final Map<Integer, Narrower> narrowing = new HashMap<>();

    Peers(BpfMap map) {
        this.map = map;
    }

    BpfMap map() {
        return map;
    }

    synchronized void add(int ifIndex, int rows) throws IOException {
        narrowing.remove(ifIndex);
        put(ifIndex, rows);
    }

    /** For now what either policy gives; the rest is for {@link #settle}. */
    synchronized void change(int ifIndex, int rows) throws IOException {
        int either = rows | rowsNow.getOrDefault(ifIndex, 0);
        put(ifIndex, either);
        if (either != rows) {
            narrowing.put(ifIndex, new Narrower(rows, System.nanoTime()));
        } else {
            narrowing.remove(ifIndex);
        }
    }

    /** Takes away what earlier policies gave, unless a packet of theirs may still be on its way. */
    public synchronized void settle() throws IOException {
        for (Iterator<Map.Entry<Integer, Narrower>> each = narrowing.entrySet().iterator(); each.hasNext(); ) {
            Map.Entry<Integer, Narrower> peer = each.next();
            if (System.nanoTime() - peer.getValue().since() > ON_THE_WAY.toNanos()) {
                put(peer.getKey(), peer.getValue().rows());
                each.remove();
            }
        }
    }

    public synchronized void remove(int ifIndex) throws IOException {
        narrowing.remove(ifIndex);
        rowsNow.remove(ifIndex);
        map.remove(ifIndex);
    }

    /** Makes it exactly these, by the policies of their pods. */
    public synchronized void replace(Map<Integer, Policy> policies) throws IOException {
        for (int present : map.keys()) {
            if (!policies.containsKey(present)) {
                map.remove(present);
            }
        }
        for (Map.Entry<Integer, Policy> peer : policies.entrySet()) {
            add(peer.getKey(), peer.getValue().rows());
        }
    }

    private void put(int ifIndex, int rows) throws IOException {
        rowsNow.put(ifIndex, rows);
        map.put(ifIndex, Stamp.words(rows));
    }

    @Override
    public void close() {
        map.close();
    }
}

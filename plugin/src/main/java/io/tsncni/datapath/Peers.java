// SPDX-License-Identifier: Apache-2.0
package io.tsncni.datapath;

import io.tsncni.linux.libbpf.BpfMap;
import java.io.IOException;
import java.util.Set;

/** The host-side devices of attached pods: a restorer's second proof where a data plane wipes tc_index. */
public final class Peers implements AutoCloseable {
    private static final byte[] PRESENT = {1, 0, 0, 0};

    private final BpfMap map;

    Peers(BpfMap map) {
        this.map = map;
    }

    BpfMap map() {
        return map;
    }

    void add(int ifIndex) throws IOException {
        map.put(ifIndex, PRESENT);
    }

    public void remove(int ifIndex) throws IOException {
        map.remove(ifIndex);
    }

    /** Makes it exactly that set. */
    public void replace(Set<Integer> ifIndexes) throws IOException {
        for (int present : map.keys()) {
            if (!ifIndexes.contains(present)) {
                map.remove(present);
            }
        }
        for (int ifIndex : ifIndexes) {
            add(ifIndex);
        }
    }

    @Override
    public void close() {
        map.close();
    }
}

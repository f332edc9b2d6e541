// SPDX-License-Identifier: Apache-2.0
package io.tsncni.datapath;

import io.tsncni.linux.libbpf.BpfMap;
import io.tsncni.linux.libbpf.BpfObject;
import java.io.IOException;
import java.nio.file.Files;

/** What does not fit into a stamp, in two maps that all programs share. */
record Slots(BpfMap slots, BpfMap cursors) implements AutoCloseable {
    /** @param object loaded, whose maps become everyone's if there are none yet */
    static Slots of(PinTree pins, BpfObject object) throws IOException {
        // The cursors last: what has them is complete.
        if (!Files.exists(pins.cursors())) {
            Files.deleteIfExists(pins.slots());
            object.map("slots").pin(pins.slots());
            object.map("cursors").pin(pins.cursors());
        }
        return new Slots(BpfMap.pinned(pins.slots()), BpfMap.pinned(pins.cursors()));
    }

    BpfObject sharedWith(BpfObject object) throws IOException {
        return object.share("slots", slots).share("cursors", cursors);
    }

    @Override
    public void close() {
        slots.close();
        cursors.close();
    }
}

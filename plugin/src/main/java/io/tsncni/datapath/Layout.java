// SPDX-License-Identifier: Apache-2.0
package io.tsncni.datapath;

import io.tsncni.linux.libbpf.BpfMap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The version of what is pinned: of the pins, and of what the maps and stamps hold. Programs of one layout understand each
 * other, so one can be put in the place of another while packets flow.
 */
final class Layout {
    private Layout() {}

    /** Pins of another layout are not touched: to guess what they mean could give packets to the wrong class. */
    static void require(PinTree pins) throws IOException {
        if (!Files.exists(pins.layout())) {
            if (Files.exists(pins.identity())) {
                throw foreign(pins, 0);
            }
            try (BpfMap map = BpfMap.createSingle("tsn_layout", Integer.BYTES)) {
                map.put(0, Stamp.words(Stamp.LAYOUT));
                map.pin(pins.layout());
            }
        }
        try (BpfMap map = BpfMap.pinned(pins.layout())) {
            int found = map.get(0).getInt();
            if (found != Stamp.LAYOUT) {
                throw foreign(pins, found);
            }
        }
    }

    private static IOException foreign(PinTree pins, int found) {
        Path directory = pins.layout().getParent();
        return new IOException(
                directory + " has programs and maps of layout " + found + ", this agent knows " + Stamp.LAYOUT
                        + ": start the version that made them, or take them away ('tsnd uninstall'); pods that run then keep no priority until they start anew");
    }
}

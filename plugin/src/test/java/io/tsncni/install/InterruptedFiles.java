// SPDX-License-Identifier: Apache-2.0
package io.tsncni.install;

import java.io.IOException;
import java.io.UncheckedIOException;

/** Files in whose changes something happens: a crash, or another writer. */
final class InterruptedFiles extends HostFiles {
    interface Event {
        void happen() throws IOException;
    }

    private static final int NEVER = -1;

    private int steps = NEVER;
    private Event event = () -> {};

    /** @param step of those that follow, counted from 0 */
    void interruptAt(int step, Event what) {
        steps = step;
        event = what;
    }

    void interruptNever() {
        steps = NEVER;
    }

    @Override
    void step() {
        if (steps == NEVER || steps-- > 0) {
            return;
        }
        try {
            event.happen();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

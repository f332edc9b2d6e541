// SPDX-License-Identifier: Apache-2.0
package io.tsncni.agent;

import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.Deque;

/** What to take back, last first, unless {@link #commit} comes before {@link #close}. */
final class Undo implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Undo.class.getName());

    interface Step {
        void run() throws Exception;
    }

    private final Deque<Step> steps = new ArrayDeque<>();

    /** Call it before the step that it takes back: a half-done step needs it most. */
    void push(Step step) {
        steps.push(step);
    }

    void commit() {
        steps.clear();
    }

    /** One stuck step does not strand those beneath it. */
    @Override
    public void close() {
        while (!steps.isEmpty()) {
            try {
                steps.pop().run();
            } catch (Exception e) {
                LOG.log(Level.ERROR, "could not undo a step; the next start or DEL will", e);
            }
        }
    }
}

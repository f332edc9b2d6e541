// SPDX-License-Identifier: Apache-2.0
package io.tsncni.install;

import java.nio.file.Path;

/** What became of the entry in the runtime's list of plugins. */
public sealed interface EntryState {
    /** It is wanted, and this file has it. */
    record Inserted(Path file) implements EntryState {
        @Override
        public String toString() {
            return "the entry is in " + file;
        }
    }

    /** It is wanted, and not there. */
    record Missing(String why) implements EntryState {
        @Override
        public String toString() {
            return "no entry: " + why;
        }
    }

    /** Nobody asked for one. */
    record Unwanted() implements EntryState {
        @Override
        public String toString() {
            return "no entry wanted";
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.shim;

import java.io.IOException;
import java.util.Map;

/** Runs programs where the shim runs: on the host, as the runtime would have. */
public interface Exec {
    /**
     * How a program ended.
     *
     * @param status EXEC_RESULT's: an exit code, or more than 255 if it did not exit
     */
    record Result(int status, byte[] stdout, byte[] stderr) {
        private static final int ENOENT = 2;
        private static final int ENOTDIR = 20;

        /** Whether there is no such file. */
        public boolean isNotFound() {
            return status == Frame.STATUS_NOT_RUN + ENOENT || status == Frame.STATUS_NOT_RUN + ENOTDIR;
        }

        /** For a message: "exit code 1", "signal 9", "errno 13: it could not be run". */
        public String ending() {
            if (status >= Frame.STATUS_NOT_RUN) {
                return "errno " + (status - Frame.STATUS_NOT_RUN) + ": it could not be run, or wrote too much";
            }
            return status >= Frame.STATUS_SIGNAL ? "signal " + (status - Frame.STATUS_SIGNAL) : "exit code " + status;
        }
    }

    /**
     * Waits for its end; several threads may call at once. An exception means that nobody knows how it ended.
     *
     * @param path absolute, or several with colons between them: the first that is there is run
     */
    Result run(String path, Map<String, String> environment, byte[] stdin) throws IOException;
}

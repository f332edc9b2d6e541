// SPDX-License-Identifier: Apache-2.0
package io.tsncni.metrics;

import java.util.Optional;

/** What the agent says of itself at each scrape. */
public interface MeasuredAgent {
    /**
     * Of the runtime's list of plugins, since the agent started.
     *
     * @param inserted empty if none is wanted
     */
    record ChainedEntry(Optional<Boolean> inserted, long insertions, long backoffs) {}

    String version();

    int unreadyReasons();

    /** Empty without an API server. */
    Optional<Boolean> kubernetesSynced();

    /** Empty until it has been looked for. */
    Optional<ChainedEntry> entry();
}

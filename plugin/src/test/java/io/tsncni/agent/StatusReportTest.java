// SPDX-License-Identifier: Apache-2.0
package io.tsncni.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tsncni.datapath.Carrier;
import io.tsncni.datapath.Datapath;
import io.tsncni.datapath.Kernel;
import io.tsncni.state.AttachmentStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StatusReportTest {
    /** A script that iterates over the lists finds them, empty. */
    @Test
    void anIdleAgentReportsItsKernelAndEmptyLists(@TempDir Path stateDir) throws IOException {
        Kernel kernel = new Kernel(0, Set.of());
        Datapath idle = new Datapath(Carrier.CLSACT, true, kernel, null, null, null, null, null);
        AttachmentStore store = AttachmentStore.open(stateDir);
        JsonNode report = new StatusReport(
                        new Attachments(store, idle, new AttachmentLocks(), "boot"), Optional.empty())
                .json(List.of(), List.of());
        JsonNode expected = new ObjectMapper()
                .readTree(
                        "{\"carrier\": \"clsact\", \"kernel\": {\"release\": \"" + System.getProperty("os.version")
                                + "\", \"tcx\": true, \"keepsTxtime\": []}, \"nics\": [], \"attachments\": [], \"waitingForTsn\": [], \"tsnProxy\": [], \"podsWithoutTsn\": []}");
        assertEquals(expected, report);
    }
}

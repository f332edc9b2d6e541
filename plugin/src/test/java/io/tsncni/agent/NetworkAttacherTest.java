// SPDX-License-Identifier: Apache-2.0
package io.tsncni.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.cni.CniException;
import io.tsncni.cni.NetworkConfigList;
import io.tsncni.state.AttachmentRecord.DelegateRecord;
import java.util.Collections;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NetworkAttacherTest {
    @Test
    void aPodThatNamesALargeNetworkManyTimesIsRefused() throws CniException {
        ObjectNode conf = JsonNodeFactory.instance.objectNode().put("type", "bridge");
        conf.put("comment", "x".repeat(200_000));
        DelegateRecord large = new DelegateRecord(
                "plant/large",
                "net1",
                NetworkConfigList.parse("large", conf, Optional.of("large")),
                "1.0.0",
                "",
                conf.objectNode(),
                Optional.empty());
        NetworkAttacher.requireBounded(Collections.nCopies(5, large));
        CniException e =
                assertThrows(CniException.class, () -> NetworkAttacher.requireBounded(Collections.nCopies(6, large)));
        assertEquals(7, e.number());
        assertTrue(e.getMessage().startsWith("networks: their configurations have 1200"), e.getMessage());
    }
}

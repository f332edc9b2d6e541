// SPDX-License-Identifier: Apache-2.0
package io.tsncni;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HealthTest {
    @ParameterizedTest
    @ValueSource(strings = {"", "9477", "127.0.0.1", "127.0.0.1:", "127.0.0.1:http", "127.0.0.1:65536", "127.0.0.1:-1"})
    void whatIsNoAddressIsRefusedByTheNameOfItsFlag(String where) {
        IOException refusal = assertThrows(IOException.class, () -> Health.serve(where, List::of, null));
        assertEquals("--listen " + where + " is not HOST:PORT", refusal.getMessage());
        refusal = assertThrows(IOException.class, () -> Health.serveMetrics(where, null));
        assertEquals("--metrics-listen " + where + " is not HOST:PORT", refusal.getMessage());
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the DaemonSet's agent has in memory, by its own metrics, phase by phase; {@code ./tsn test --cluster} prints it. */
final class ResidentMemory {
    private static final Pattern BYTES = Pattern.compile("(?m)^process_resident_memory_bytes (\\S+)$");

    private final List<String> phases = new ArrayList<>();

    /** @return bytes */
    long at(String phase) {
        String page = HealthIT.get("127.0.0.1:9477", "/metrics").body();
        Matcher found = BYTES.matcher(page);
        assertTrue(found.find(), page);
        long bytes = (long) Double.parseDouble(found.group(1));
        phases.add(phase + " " + bytes / 1_000_000);
        return bytes;
    }

    @Override
    public String toString() {
        return "agent: resident, MB: " + String.join(", ", phases) + "; its limit is 128 MiB";
    }
}

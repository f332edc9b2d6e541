// SPDX-License-Identifier: Apache-2.0
package io.tsncni;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class VersionTest {
    @Test
    void theProductHasTheVersionOfItsPom() throws IOException {
        String pom = Files.readString(Path.of("../pom.xml"));
        assertTrue(pom.contains("<artifactId>tsn-cni</artifactId>\n  <version>" + Version.TEXT + "</version>"));
    }
}

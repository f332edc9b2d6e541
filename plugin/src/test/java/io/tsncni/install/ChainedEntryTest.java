// SPDX-License-Identifier: Apache-2.0
package io.tsncni.install;

import static io.tsncni.install.EntryFixture.ENTRY;
import static io.tsncni.install.EntryFixture.LIST;
import static io.tsncni.install.EntryFixture.PLAIN;
import static io.tsncni.install.EntryFixture.WITH_ENTRY;
import static io.tsncni.install.EntryFixture.keys;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.install.ChainedEntry.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChainedEntryTest {
    @TempDir
    Path temporary;

    private EntryFixture dir;

    @BeforeEach
    void aDirectory() throws IOException {
        dir = EntryFixture.in(temporary);
    }

    @Test
    void itIsTheLastPluginOfTheFirstListOnce() throws IOException {
        dir.write("10-a.conflist", LIST);
        dir.write("20-b.conflist", LIST);
        dir.assertInserted("10-a.conflist", true);
        assertEquals(WITH_ENTRY, dir.read("10-a.conflist"));
        FileTime time = FileTime.fromMillis(1000);
        Files.setLastModifiedTime(dir.file("10-a.conflist"), time);
        dir.assertInserted("10-a.conflist", false);
        assertEquals(time, Files.getLastModifiedTime(dir.file("10-a.conflist")));
        assertEquals(LIST, dir.read("20-b.conflist"));
        assertEquals(List.of(dir.file("10-a.conflist")), dir.entry().withdraw(true));
        assertEquals(LIST, dir.read("10-a.conflist"));
        assertEquals(List.of(), dir.entry().withdraw(true));
        assertEquals(List.of("10-a.conflist", "20-b.conflist"), dir.names());
    }

    @Test
    void otherSettingsReplaceItWhereItIs() throws IOException {
        dir.write("10-a.conflist", WITH_ENTRY.replace("]}", ", {\"type\": \"portmap\"}]}"));
        Outcome outcome = dir.entry().ensure(keys("tsn1"));
        assertTrue(outcome.wrote());
        assertEquals(
                WITH_ENTRY.replace("tsn0", "tsn1").replace("]}", ", {\"type\": \"portmap\"}]}"),
                dir.read("10-a.conflist"));
    }

    @Test
    void ofSeveralOneStays() throws IOException {
        dir.write("10-a.conflist", WITH_ENTRY.replace("]}", ENTRY + "]}"));
        dir.assertInserted("10-a.conflist", true);
        assertEquals(WITH_ENTRY, dir.read("10-a.conflist"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "null",
                "{'cniVersion': '1.0.0', 'name': 'lan', 'plugins': []}",
                "{'cniVersion': '1.0.0', 'name': 'lan', 'plugins': {}}",
                "{'cniVersion': '1.0.0', 'name': 'lan', 'plugins': [{}]}",
                "{'cniVersion': '1.0.0', 'plugins': [{'type': 'bridge'}]}",
                "{'cniVersion': '1.0.0', 'name': 'lan', 'plugins': [{'type': 'bridge'}",
            })
    void whatIsNoConfigurationIsPassedOver(String text) throws IOException {
        Path broken = dir.write("00-a.conflist", text);
        Files.write(dir.file("01-b.conflist"), new byte[] {'{', (byte) 0xff, '}'});
        dir.write("02-c.conf", LIST);
        Files.createDirectory(dir.file("03-d.conflist"));
        dir.write("10-e.conflist", LIST);
        dir.assertInserted("10-e.conflist", true);
        assertEquals(text.replace('\'', '"'), Files.readString(broken));
        assertEquals(LIST, dir.read("02-c.conf"));
    }

    @Test
    void itFollowsTheRuntimeToAnotherFile() throws IOException {
        dir.write("10-a.conflist", LIST);
        dir.assertInserted("10-a.conflist", true);
        dir.write("05-b.conflist", LIST);
        dir.assertInserted("05-b.conflist", true);
        assertEquals(WITH_ENTRY, dir.read("05-b.conflist"));
        assertEquals(LIST, dir.read("10-a.conflist"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"10-a.conf", "10-a.json"})
    void aPlainConfigurationStaysBehindTheListThatIsMadeOfIt(String name) throws IOException {
        Path plain = dir.write(name, PLAIN);
        Files.setPosixFilePermissions(plain, PosixFilePermissions.fromString("rw-r-----"));
        dir.write("20-b.conf", PLAIN);
        dir.assertInserted("10-a-tsn.conflist", true);
        assertEquals(
                """
                {
                  "cniVersion": "0.4.0",
                  "name": "lan",
                  "madeFrom": "%s",
                  "plugins": [
                    {
                      "name": "lan",
                      "cniVersion": "0.4.0",
                      "type": "bridge"
                    },
                    {
                      "type": "tsn",
                      "egress": "tsn0",
                      "installedBy": "tsnd"
                    }
                  ]
                }
                """
                        .formatted(name),
                dir.read("10-a-tsn.conflist"));
        assertEquals(
                "rw-r-----",
                PosixFilePermissions.toString(Files.getPosixFilePermissions(dir.file("10-a-tsn.conflist"))));
        assertEquals(List.of("10-a-tsn.conflist", name, "20-b.conf"), dir.names());
        dir.assertInserted("10-a-tsn.conflist", false);
        assertEquals(PLAIN, dir.read(name));
        assertEquals(List.of(dir.file("10-a-tsn.conflist")), dir.entry().withdraw(true));
        assertEquals(List.of(name, "20-b.conf"), dir.names());
        assertEquals(PLAIN, dir.read(name));
    }

    @Test
    void aPlainConfigurationThatIsWrittenAnewCounts() throws IOException {
        dir.write("10-a.conf", PLAIN);
        dir.assertInserted("10-a-tsn.conflist", true);
        String other = PLAIN.replace("bridge", "ptp");
        dir.write("10-a.conf", other);
        dir.assertInserted("10-a-tsn.conflist", true);
        assertTrue(dir.read("10-a-tsn.conflist").contains("ptp"));
        assertFalse(dir.read("10-a-tsn.conflist").contains("bridge"));
        dir.entry().withdraw(true);
        assertEquals(List.of("10-a.conf"), dir.names());
        assertEquals(other, dir.read("10-a.conf"));
    }

    /** Whoever puts his plugin into the first file finds the list that we have made. */
    @Test
    void whatOthersAddToTheListIsTheirs() throws Exception {
        dir.write("10-a.conf", PLAIN);
        dir.assertInserted("10-a-tsn.conflist", true);
        String mesh = "{\"type\": \"mesh\", \"log\": 1}";
        String withMesh = PluginsText.of("test", dir.read("10-a-tsn.conflist"))
                .append((ObjectNode) new ObjectMapper().readTree(mesh));
        dir.write("10-a-tsn.conflist", withMesh);
        dir.assertInserted("10-a-tsn.conflist", false);
        assertEquals(withMesh, dir.read("10-a-tsn.conflist"));

        dir.write("10-a.conf", PLAIN.replace("bridge", "ptp"));
        dir.assertInserted("10-a-tsn.conflist", true);
        assertEquals(List.of("ptp", "mesh", "tsn"), types(dir.read("10-a-tsn.conflist")));
        assertTrue(dir.entry().ensure(keys("tsn1")).wrote());
        assertEquals(List.of("ptp", "mesh", "tsn"), types(dir.read("10-a-tsn.conflist")));

        dir.entry().withdraw(true);
        assertEquals(List.of("10-a-tsn.conflist", "10-a.conf"), dir.names());
        assertEquals(List.of("ptp", "mesh"), types(dir.read("10-a-tsn.conflist")));
        assertEquals(Optional.empty(), LibCni.madeFrom(dir.read("10-a-tsn.conflist")));
        dir.assertInserted("10-a-tsn.conflist", true);
        dir.entry().withdraw(true);
        assertEquals(List.of("ptp", "mesh"), types(dir.read("10-a-tsn.conflist")));
    }

    private static List<String> types(String list) throws IOException {
        return new ObjectMapper().readTree(list).path("plugins").findValuesAsText("type");
    }

    @Test
    void aNetworkThatItsOwnerTakesAwayIsGone() throws IOException {
        dir.write("10-a.conf", PLAIN);
        dir.assertInserted("10-a-tsn.conflist", true);
        Files.delete(dir.file("10-a.conf"));
        assertTrue(dir.whyMissing().startsWith("no network configuration in"));
        assertEquals(List.of(), dir.names());
        dir.write("10-a.conf", PLAIN);
        dir.assertInserted("10-a-tsn.conflist", true);
        dir.write("05-b.conflist", LIST);
        dir.assertInserted("05-b.conflist", true);
        assertEquals(List.of("05-b.conflist", "10-a.conf"), dir.names());
    }

    @Test
    void whatHasTheNameOfTheListStays() throws IOException {
        dir.write("10-a.conf", PLAIN);
        dir.write("10-a-tsn.conflist", "mine");
        String why = dir.whyMissing();
        assertTrue(why.startsWith(dir.file("10-a-tsn.conflist") + " is in the way: "), why);
        assertEquals("mine", dir.read("10-a-tsn.conflist"));
        assertEquals(PLAIN, dir.read("10-a.conf"));
        dir.entry().withdraw(true);
        assertEquals(List.of("10-a-tsn.conflist", "10-a.conf"), dir.names());
    }

    @Test
    void aLinkStaysALink() throws IOException {
        Path real = Files.writeString(temporary.resolve("real.conflist"), LIST);
        Files.createSymbolicLink(dir.file("10-a.conflist"), Path.of("../real.conflist"));
        dir.assertInserted("10-a.conflist", true);
        assertEquals(WITH_ENTRY, Files.readString(real));
        dir.entry().withdraw(true);
        assertEquals(LIST, Files.readString(real));
        assertTrue(Files.isSymbolicLink(dir.file("10-a.conflist")));
    }
}

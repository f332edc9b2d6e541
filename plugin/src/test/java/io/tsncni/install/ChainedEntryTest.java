// SPDX-License-Identifier: Apache-2.0
package io.tsncni.install;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.install.ChainedEntry.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChainedEntryTest {
    private static final String LIST =
            "{'cniVersion': '1.0.0', 'name': 'lan', 'plugins': [{'type': 'bridge'}]}".replace('\'', '"');
    private static final String ENTRY = ", {'type': 'tsn', 'egress': 'tsn0', 'installedBy': 'tsnd'}".replace('\'', '"');
    private static final String WITH_ENTRY = LIST.replace("]}", ENTRY + "]}");
    private static final String PLAIN =
            "{\n  'name': 'lan',\n  'cniVersion': '0.4.0',\n  'type': 'bridge'\n}\n".replace('\'', '"');

    @TempDir
    Path temporary;

    private Path directory;
    private ChainedEntry entry;

    @BeforeEach
    void aDirectory() throws IOException {
        directory = Files.createDirectory(temporary.resolve("net.d"));
        entry = new ChainedEntry(directory, new HostFiles());
    }

    private static ObjectNode keys(String nic) {
        return JsonNodeFactory.instance.objectNode().put("egress", nic);
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text.replace('\'', '"'));
    }

    private String read(String name) throws IOException {
        return Files.readString(directory.resolve(name));
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private void assertInserted(String name, boolean wrote) throws IOException {
        assertEquals(new Outcome(new EntryState.Inserted(directory.resolve(name)), wrote), entry.ensure(keys("tsn0")));
    }

    private String whyMissing() throws IOException {
        Outcome outcome = entry.ensure(keys("tsn0"));
        assertFalse(outcome.wrote());
        return assertInstanceOf(EntryState.Missing.class, outcome.state()).why();
    }

    @Test
    void itIsTheLastPluginOfTheFirstListOnce() throws IOException {
        write("10-a.conflist", LIST);
        write("20-b.conflist", LIST);
        assertInserted("10-a.conflist", true);
        assertEquals(WITH_ENTRY, read("10-a.conflist"));
        FileTime time = FileTime.fromMillis(1000);
        Files.setLastModifiedTime(directory.resolve("10-a.conflist"), time);
        assertInserted("10-a.conflist", false);
        assertEquals(time, Files.getLastModifiedTime(directory.resolve("10-a.conflist")));
        assertEquals(LIST, read("20-b.conflist"));
        assertEquals(List.of(directory.resolve("10-a.conflist")), entry.withdraw(true));
        assertEquals(LIST, read("10-a.conflist"));
        assertEquals(List.of(), entry.withdraw(true));
        assertEquals(List.of("10-a.conflist", "20-b.conflist"), names());
    }

    @Test
    void otherSettingsReplaceItWhereItIs() throws IOException {
        write("10-a.conflist", WITH_ENTRY.replace("]}", ", {\"type\": \"portmap\"}]}"));
        Outcome outcome = entry.ensure(keys("tsn1"));
        assertTrue(outcome.wrote());
        assertEquals(
                WITH_ENTRY.replace("tsn0", "tsn1").replace("]}", ", {\"type\": \"portmap\"}]}"), read("10-a.conflist"));
    }

    @Test
    void ofSeveralOneStays() throws IOException {
        write("10-a.conflist", WITH_ENTRY.replace("]}", ENTRY + "]}"));
        assertInserted("10-a.conflist", true);
        assertEquals(WITH_ENTRY, read("10-a.conflist"));
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
        Path broken = write("00-a.conflist", text);
        Files.write(directory.resolve("01-b.conflist"), new byte[] {'{', (byte) 0xff, '}'});
        write("02-c.conf", LIST);
        Files.createDirectory(directory.resolve("03-d.conflist"));
        write("10-e.conflist", LIST);
        assertInserted("10-e.conflist", true);
        assertEquals(text.replace('\'', '"'), Files.readString(broken));
        assertEquals(LIST, read("02-c.conf"));
    }

    @Test
    void itFollowsTheRuntimeToAnotherFile() throws IOException {
        write("10-a.conflist", LIST);
        assertInserted("10-a.conflist", true);
        write("05-b.conflist", LIST);
        assertInserted("05-b.conflist", true);
        assertEquals(WITH_ENTRY, read("05-b.conflist"));
        assertEquals(LIST, read("10-a.conflist"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"10-a.conf", "10-a.json"})
    void aPlainConfigurationBecomesAListAndItselfAgain(String name) throws IOException {
        Path plain = write(name, PLAIN);
        Files.setPosixFilePermissions(plain, PosixFilePermissions.fromString("rw-r-----"));
        FileTime time = FileTime.fromMillis(1000);
        Files.setLastModifiedTime(plain, time);
        write("20-b.conf", PLAIN);
        assertInserted(name + ".conflist", true);
        assertEquals(
                """
                {
                  "cniVersion": "0.4.0",
                  "name": "lan",
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
                """,
                read(name + ".conflist"));
        assertEquals(
                "rw-r-----",
                PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve(name + ".conflist"))));
        assertFalse(Files.exists(plain));
        assertInserted(name + ".conflist", false);
        assertEquals(List.of(directory.resolve(name + ".conflist")), entry.withdraw(true));
        assertEquals(List.of(name, "20-b.conf"), names());
        assertEquals(PLAIN, read(name));
        assertEquals(time, Files.getLastModifiedTime(plain));
        assertEquals("rw-r-----", PosixFilePermissions.toString(Files.getPosixFilePermissions(plain)));
    }

    @Test
    void aPlainConfigurationThatIsWrittenAnewCounts() throws IOException {
        write("10-a.conf", PLAIN);
        assertInserted("10-a.conf.conflist", true);
        String other = PLAIN.replace("bridge", "ptp");
        write("10-a.conf", other);
        assertInserted("10-a.conf.conflist", true);
        assertTrue(read("10-a.conf.conflist").contains("ptp"));
        assertFalse(read("10-a.conf.conflist").contains("bridge"));
        entry.withdraw(true);
        assertEquals(List.of("10-a.conf"), names());
        assertEquals(other, read("10-a.conf"));
    }

    @Test
    void aListThatSomebodyHasWorkedOnStaysAList() throws IOException {
        write("10-a.conf", PLAIN);
        assertInserted("10-a.conf.conflist", true);
        String edited = read("10-a.conf.conflist").replace("bridge", "ptp");
        write("10-a.conf.conflist", edited);
        entry.withdraw(true);
        assertEquals(List.of("10-a.conf.conflist"), names());
        assertEquals(0, LibCni.entries(read("10-a.conf.conflist")));
        assertTrue(read("10-a.conf.conflist").contains("ptp"));
    }

    @Test
    void whatOthersHideIsNotOurs() throws IOException {
        write(".mine.tsn", "kept");
        write("10-a.conf", PLAIN);
        assertInserted("10-a.conf.conflist", true);
        Files.delete(directory.resolve("10-a.conf.conflist"));
        write("10-b.conflist", LIST);
        assertInserted("10-b.conflist", true);
        assertEquals(List.of(".mine.tsn", "10-b.conflist"), names());
    }

    @Test
    void aLinkStaysALink() throws IOException {
        Path real = Files.writeString(temporary.resolve("real.conflist"), LIST);
        Files.createSymbolicLink(directory.resolve("10-a.conflist"), Path.of("../real.conflist"));
        assertInserted("10-a.conflist", true);
        assertEquals(WITH_ENTRY, Files.readString(real));
        entry.withdraw(true);
        assertEquals(LIST, Files.readString(real));
        assertTrue(Files.isSymbolicLink(directory.resolve("10-a.conflist")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            {'name': 'lan', 'cniVersion': '0.2.0', 'plugins': [{'type': 'a'}]} | cniVersion: '0.2.0' is not spoken by tsn
            {'name': 'lan', 'plugins': [{'type': 'a'}]} | cniVersion: not there, which means 0.1.0, is not spoken by tsn
            {'name': 'lan', 'cniVersion': '1.0.0', 'plugins': [{'type': 'a'}, {'type': 'tsn'}]} | has a plugin of type tsn
            {'name': 'lan', 'cniVersion': '1.0.0', 'plugins': [{'type': 'tsn', 'delegates': []}]} | has a plugin of type
            {'name': 'lan', 'cniVersion': '1.0.0', 'plugins': [{'type': 'tsn', 'installedBy': 'tsnd'}]} | has no plugin that
            """)
    void aNetworkThatItWouldBreakOrThatHasOneKeepsWhatItHas(String text, String why) throws IOException {
        write("00-a.conflist", text);
        write("10-b.conflist", WITH_ENTRY);
        String said = whyMissing();
        assertTrue(said.startsWith(directory.resolve("00-a.conflist").toString()), said);
        assertTrue(said.contains(why), said);
        assertEquals(text.replace('\'', '"'), read("00-a.conflist"));
        assertEquals(LIST, read("10-b.conflist"));
    }

    @Test
    void aMetaPluginOfOurOwnIsAConfigurationOfTheOperators() throws IOException {
        String text = "{'name': 'lan', 'cniVersion': '1.0.0', 'type': 'tsn', 'clusterNetwork': 'x'}".replace('\'', '"');
        write("00-tsn.conf", text);
        write("10-b.conflist", LIST);
        assertTrue(whyMissing().contains("has a plugin of type tsn of its own"));
        assertEquals(text, read("00-tsn.conf"));
        assertEquals(List.of("00-tsn.conf", "10-b.conflist"), names());
        assertEquals(List.of(directory.resolve("00-tsn.conf")), entry.needingShim());
    }

    @Test
    void behindMultusItIsForThePodsFirstInterface() throws IOException {
        write("00-multus.conf", "{'name': 'm', 'cniVersion': '0.3.1', 'type': 'multus', 'clusterNetwork': 'lan'}");
        write("10-b.conflist", LIST);
        assertInserted("00-multus.conf.conflist", true);
        assertEquals(LIST, read("10-b.conflist"));
    }

    @Test
    void whatMultusHasCopiedIsNotPutInTwice() throws IOException {
        write("10-b.conflist", LIST);
        assertInserted("10-b.conflist", true);
        String multus = "{'name': 'm', 'cniVersion': '0.3.1', 'type': 'multus', 'delegates': [" + WITH_ENTRY + "]}";
        write("00-multus.conf", multus);
        assertInserted("00-multus.conf", false);
        assertEquals(multus.replace('\'', '"'), read("00-multus.conf"));
        assertEquals(WITH_ENTRY, read("10-b.conflist"));
        entry.withdraw(true);
        assertEquals(LIST, read("10-b.conflist"));
        assertEquals(List.of(directory.resolve("00-multus.conf")), entry.needingShim());
    }

    @Test
    void withoutADirectoryOrANetworkItWaits() throws IOException {
        assertTrue(whyMissing().startsWith("no network configuration in " + directory));
        Files.delete(directory);
        assertTrue(whyMissing().startsWith("no network configuration in " + directory));
        assertEquals(List.of(), entry.withdraw(true));
    }
}

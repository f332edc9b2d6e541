// SPDX-License-Identifier: Apache-2.0
package io.tsncni.install;

import static io.tsncni.install.EntryFixture.LIST;
import static io.tsncni.install.EntryFixture.PLAIN;
import static io.tsncni.install.EntryFixture.WITH_ENTRY;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whose configurations come first, and are none of ours to change. */
class EntryPlaceTest {
    @TempDir
    Path temporary;

    private EntryFixture dir;

    @BeforeEach
    void aDirectory() throws IOException {
        dir = EntryFixture.in(temporary);
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
        dir.write("00-a.conflist", text);
        dir.write("10-b.conflist", WITH_ENTRY);
        String said = dir.whyMissing();
        assertTrue(said.startsWith(dir.file("00-a.conflist").toString()), said);
        assertTrue(said.contains(why), said);
        assertEquals(text.replace('\'', '"'), dir.read("00-a.conflist"));
        assertEquals(LIST, dir.read("10-b.conflist"));
    }

    @Test
    void aListThatKeepsItsPluginsInADirectoryIsLeftToThePersonWhoMadeIt() throws IOException {
        dir.write("00-a.conflist", "{'name': 'lan', 'cniVersion': '1.0.0'}");
        Files.createDirectory(dir.file("lan"));
        dir.write("lan/10.conf", "{'type': 'bridge'}");
        dir.write("10-b.conflist", LIST);
        String why = dir.whyMissing();
        assertTrue(why.contains("00-a.conflist has all its plugins in the directory lan beside it"), why);
        dir.write("lan/20.conf", "{'type': 'tsn'}");
        assertTrue(dir.whyMissing().contains("has a plugin of type tsn of its own"));
        assertEquals(LIST, dir.read("10-b.conflist"));
    }

    @Test
    void aMetaPluginOfOurOwnIsAConfigurationOfTheOperators() throws IOException {
        String text = "{'name': 'lan', 'cniVersion': '1.0.0', 'type': 'tsn', 'clusterNetwork': 'x'}".replace('\'', '"');
        dir.write("00-tsn.conf", text);
        dir.write("10-b.conflist", LIST);
        assertTrue(dir.whyMissing().contains("has a plugin of type tsn of its own"));
        assertEquals(text, dir.read("00-tsn.conf"));
        assertEquals(List.of("00-tsn.conf", "10-b.conflist"), dir.names());
        assertEquals(List.of(dir.file("00-tsn.conf")), dir.entry().needingShim());
    }

    @Test
    void behindMultusItIsForThePodsFirstInterface() throws IOException {
        dir.write("00-multus.conf", "{'name': 'm', 'cniVersion': '0.3.1', 'type': 'multus', 'clusterNetwork': 'lan'}");
        dir.write("10-b.conflist", LIST);
        dir.assertInserted("00-multus-tsn.conflist", true);
        assertEquals(LIST, dir.read("10-b.conflist"));
    }

    @Test
    void whatMultusHasCopiedIsNotPutInTwice() throws IOException {
        dir.write("10-b.conflist", LIST);
        dir.assertInserted("10-b.conflist", true);
        String multus = "{'name': 'm', 'cniVersion': '0.3.1', 'type': 'multus', 'delegates': [" + WITH_ENTRY + "]}";
        dir.write("00-multus.conf", multus);
        dir.assertInserted("00-multus.conf", false);
        assertEquals(multus.replace('\'', '"'), dir.read("00-multus.conf"));
        assertEquals(WITH_ENTRY, dir.read("10-b.conflist"));
        dir.entry().withdraw(true);
        assertEquals(LIST, dir.read("10-b.conflist"));
        assertEquals(List.of(dir.file("00-multus.conf")), dir.entry().needingShim());
    }

    @Test
    void otherSettingsGoWhereMultusCopiesFromAndItsOldCopyIsNamed() throws IOException {
        dir.write("10-b.conf", PLAIN);
        dir.assertInserted("10-b-tsn.conflist", true);
        String multus = "{'name': 'm', 'cniVersion': '0.3.1', 'type': 'multus', 'delegates': [";
        dir.write("00-multus.conf", multus + dir.read("10-b-tsn.conflist") + "]}");
        dir.assertInserted("00-multus.conf", false);
        ChainedEntry.Outcome other = dir.entry().ensure(EntryFixture.keys("tsn1"));
        assertTrue(other.wrote());
        assertTrue(dir.read("10-b-tsn.conflist").contains("tsn1"));
        assertTrue(
                other.state().toString().contains("00-multus.conf has a copy of the entry as it was before"),
                other.state().toString());
        dir.write("00-multus.conf", multus + dir.read("10-b-tsn.conflist") + "]}");
        assertEquals(
                new ChainedEntry.Outcome(new EntryState.Inserted(dir.file("00-multus.conf")), false),
                dir.entry().ensure(EntryFixture.keys("tsn1")));
    }

    @Test
    void withoutADirectoryOrANetworkItWaits() throws IOException {
        assertTrue(dir.whyMissing().startsWith("no network configuration in " + dir.directory()));
        Files.delete(dir.directory());
        assertTrue(dir.whyMissing().startsWith("no network configuration in " + dir.directory()));
        assertEquals(List.of(), dir.entry().withdraw(true));
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tsncni.datapath.NicSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AgentConfigTest {
    @TempDir
    private Path directory;

    private Path file(String json) throws IOException {
        return Files.writeString(directory.resolve("tsnd.json"), json);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            {}                                                              | false | false
            {"nics": {}}                                                    | false | false
            {"nics": {"tsn0": {}}}                                          | false | false
            {"nics": {"tsn0": {"unstamped": "zero", "trustHash": false}}}   | false | false
            {"nics": {"tsn0": {"unstamped": "keep"}}}                       | true  | false
            {"nics": {"tsn0": {"trustHash": true}}}                         | false | true
            {"nics": {"tsn0": {"unstamped": "keep", "trustHash": true}}}    | true  | true
            {"nics": {"tsn1": {"unstamped": "keep", "trustHash": true}}}    | false | false
            """)
    void aNicHasTheSettingsOfItsEntryOrTheDefaults(String json, boolean keepUnstamped, boolean trustHash)
            throws IOException {
        assertEquals(
                new NicSettings(keepUnstamped, trustHash),
                AgentConfig.read(file(json)).nic("tsn0"));
    }

    @Test
    void withoutAFileTheDefaultsHold() throws IOException {
        assertEquals(
                NicSettings.DEFAULT,
                AgentConfig.read(directory.resolve("none.json")).nic("tsn0"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            {}                                                                          | none
            {"install": {}}                                                             | none
            {"install": {"entry": {"egress": "tsn0"}}}                                  | none
            {"install": {"chain": false, "entry": {"egress": "tsn0"}}}                  | none
            {"install": {"chain": true}}                                                | {}
            {"install": {"chain": true, "entry": {"onAgentDown": "pass"}}}              | {"onAgentDown":"pass"}
            {"install": {"chain": true, "entry": {"txtime": "clear", "egress": "tsn0"}}}| {"txtime":"clear","egress":"tsn0"}
            """)
    void anEntryIsWantedIfItIsAskedFor(String json, String keys) throws IOException {
        assertEquals(
                keys, AgentConfig.read(file(json)).entry().map(Object::toString).orElse("none"));
    }

    /** What each message says behind the name of the file. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            ''                                              | ''
            {                                               | ''
            {} {}                                           | ''
            {"nics": {}} trailing                           | ''
            []                                              | : expected an object, got []
            "tsn0"                                          | : expected an object, got "tsn0"
            {"nic": {}}                                     | .nic: no such key; there are nics, pluginDirs, install
            {"pluginDirs": "/opt/bin"}                      | : pluginDirs: expected a list of absolute paths, got "/opt/
            {"pluginDirs": ["bin"]}                         | : pluginDirs: expected a list of absolute paths, got ["bin
            {"pluginDirs": {"a": "/opt/bin"}}               | : pluginDirs: expected a list of absolute paths, got {"a"
            {"pluginDirs": null}                            | : pluginDirs: expected a list of absolute paths, got null
            {"install": true}                               | : install: expected an object, got true
            {"install": {"chian": true}}                    | : install.chian: no such key; there are chain, entry
            {"install": {"chain": "true"}}                  | : install.chain: expected true or false, got "true"
            {"install": {"chain": null}}                    | : install.chain: expected true or false, got null
            {"install": {"entry": []}}                      | : install.entry: expected an object, got []
            {"install": {"entry": null}}                    | : install.entry: expected an object, got null
            {"install": {"entry": {"egres": "a"}}}          | : install.entry.egres: no such key of an entry of type tsn
            {"install": {"entry": {"type": "tsn"}}}         | : install.entry.type: no such key of an entry of type tsn
            {"install": {"entry": {"egress": 5}}}           | : install.entry.egress: expected an interface name, got
            {"install": {"entry": {"priorityMap": {"16": 1}}}} | : install.entry.priorityMap.16: the key is a pod prio
            {"nics": []}                                    | nics
            {"nics": ["tsn0"]}                              | nics
            {"nics": "tsn0"}                                | nics
            {"nics": null}                                  | nics
            {"nics": {"tsn0": "keep"}}                      | : nics.tsn0: expected an object, got "keep"
            {"nics": {"tsn0": null}}                        | : nics.tsn0: expected an object, got null
            {"nics": {"tsn0": {"unstampt": "keep"}}}        | : nics.tsn0.unstampt: no such key; there are unstamped,
            {"nics": {"tsn0": {"unstamped": "drop"}}}       | : nics.tsn0.unstamped: expected "zero" or "keep", got "dr
            {"nics": {"tsn0": {"unstamped": true}}}         | : nics.tsn0.unstamped: expected "zero" or "keep", got
            {"nics": {"tsn0": {"unstamped": {}}}}           | : nics.tsn0.unstamped: expected "zero" or "keep", got
            {"nics": {"tsn0": {"unstamped": null}}}         | : nics.tsn0.unstamped: expected "zero" or "keep", got
            {"nics": {"tsn0": {"trustHash": "true"}}}       | : nics.tsn0.trustHash: expected true or false, got "true"
            {"nics": {"tsn0": {"trustHash": 1}}}            | : nics.tsn0.trustHash: expected true or false, got 1
            {"nics": {"tsn0": {"trustHash": null}}}         | : nics.tsn0.trustHash: expected true or false, got null
            """)
    void aMistakeStopsTheAgentWithFileAndKey(String json, String problem) throws IOException {
        Path file = file(json);
        IOException refusal = assertThrows(IOException.class, () -> AgentConfig.read(file));
        assertTrue(refusal.getMessage().contains(file.toString()), refusal.getMessage());
        assertTrue(refusal.getMessage().contains(problem), refusal.getMessage());
    }
}

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
            {"nic": {}}                                     | .nic: no such key; there are nics
            {"pluginDirs": "/opt/bin"}                      | : pluginDirs: expected a list of absolute paths, got "/opt/
            {"pluginDirs": ["bin"]}                         | : pluginDirs: expected a list of absolute paths, got ["bin
            {"pluginDirs": {"a": "/opt/bin"}}               | : pluginDirs: expected a list of absolute paths, got {"a"
            {"pluginDirs": null}                            | : pluginDirs: expected a list of absolute paths, got null
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

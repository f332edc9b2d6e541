// SPDX-License-Identifier: Apache-2.0
package io.tsncni.resolve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tsncni.cni.CniException;
import io.tsncni.cni.NetworkConfigList;
import io.tsncni.cni.RecordedLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfDirTest {
    @RegisterExtension
    final RecordedLog log = new RecordedLog(ConfDir.class);

    @TempDir
    Path directory;

    private void write(String file, String json) throws IOException {
        Path path = directory.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, json.replace('\'', '"'));
    }

    private static String types(NetworkConfigList list) {
        return String.join(
                " ",
                list.plugins().stream()
                        .map(plugin -> plugin.get("type").asText())
                        .toList());
    }

    private String named(String name) throws CniException {
        return new ConfDir(directory).named(name).map(ConfDirTest::types).orElse("none");
    }

    private String load(String file) throws CniException {
        return types(ConfDir.load(directory.resolve(file).toString()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a.conf", "a.json"})
    void aConfigurationIsFoundByItsName(String file) throws IOException, CniException {
        write("0.conf", "{'name': 'wan', 'type': 'ptp'}");
        write(file, "{'name': 'lan', 'type': 'bridge'}");
        assertEquals("bridge", named("lan"));
        assertEquals("none", named("a"));
        assertEquals("none", named(""));
    }

    @Test
    void theFirstInTheOrderOfFileNamesCounts() throws IOException, CniException {
        write("30.conf", "{'name': 'lan', 'type': 'c'}");
        write("10.conflist", "{'name': 'lan', 'plugins': [{'type': 'a'}, {'type': 'b'}]}");
        write("20.json", "{'name': 'lan', 'type': 'd'}");
        write("00.txt", "{'name': 'lan', 'type': 'e'}");
        write("01.conf/x", "");
        assertEquals("a b", named("lan"));
        assertEquals(List.of(), log.lines(), "a directory is not tried");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{", "", "[]", "null", "'lan'", "{'name': 'lan', 'type': 'x'} {}"})
    void aFileThatIsNoConfigurationIsSkippedAndSaid(String text) throws IOException, CniException {
        write("00.conf", text);
        write("10.conf", "{'name': 'lan', 'type': 'bridge'}");
        assertEquals("bridge", named("lan"));
        assertEquals(1, log.lines().size());
        assertTrue(
                log.lines().get(0).startsWith("WARNING skipped: " + directory + "/00.conf: "), log.lines()::toString);
    }

    @Test
    void whatIsNoTextIsSkippedToo() throws IOException, CniException {
        Files.write(directory.resolve("00.conf"), new byte[] {'{', (byte) 0xff, '}'});
        Files.write(directory.resolve("01.conf"), new byte[3 * 256 * 1024 + 1]);
        write("10.conf", "{'name': 'lan', 'type': 'bridge'}");
        assertEquals("bridge", named("lan"));
        assertEquals(
                List.of(
                        "WARNING skipped: " + directory + "/00.conf: not UTF-8",
                        "WARNING skipped: " + directory + "/01.conf: has 786433 bytes, too many to be read"),
                log.lines());
    }

    @Test
    void aFaultInTheConfigurationThatIsMeantIsAnError() throws IOException {
        write("10.conflist", "{'name': 'lan', 'plugins': [{'type': 'a'}, {}]}");
        CniException refusal = assertThrows(CniException.class, () -> named("lan"));
        assertEquals(directory + "/10.conflist.plugins[1].type: required, and not there", refusal.getMessage());
    }

    @Test
    void aDirectoryThatIsNotThereHasNothing() throws CniException {
        assertEquals(Optional.empty(), new ConfDir(directory.resolve("absent")).named("lan"));
    }

    @Test
    void aPathIsOfAFileOrOfADirectoryWhoseFirstFileCounts() throws IOException, CniException {
        write("05.json", "{'name': 'lan', 'type': 'no'}");
        write("20.conf", "{'name': 'lan', 'type': 'bridge'}");
        write("10.conflist", "{'name': 'wan', 'plugins': [{'type': 'ptp'}]}");
        write("any", "{'name': 'any', 'type': 'macvlan'}");
        assertEquals("bridge", load("20.conf"));
        assertEquals("macvlan", load("any"));
        assertEquals("ptp", load("."));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
            {'name': 'lan', 'plugins': [{'type': 'a'}]}  | a x y
            {'name': 'lan', 'plugins': []}               | x y
            {'name': 'lan', 'plugins': null}             | x y
            {'name': 'lan'}                              | x y
            {'name': 'lan', 'plugins': [{'type': 'a'}], 'loadOnlyInlinedPlugins': true} | a
            {'name': 'lan', 'plugins': [{'type': 'a'}], 'loadOnlyInlinedPlugins': 'True'} | a
            {'name': 'lan', 'plugins': [{'type': 'a'}], 'loadOnlyInlinedPlugins': false} | a x y
            {'name': 'wan', 'plugins': [{'type': 'a'}]}  | a
            """)
    void aListGoesOnWithTheDirectoryOfItsName(String list, String types) throws IOException, CniException {
        write("net.conflist", list);
        write("lan/20.conf", "{'type': 'y'}");
        write("lan/10.conf", "{'type': 'x'}");
        write("lan/00.json", "{'type': 'no'}");
        assertEquals(types, load("net.conflist"));
        assertEquals(
                types,
                new ConfDir(directory)
                        .named(list.contains("lan") ? "lan" : "wan")
                        .map(ConfDirTest::types)
                        .orElseThrow());
    }

    @Test
    void onlyAConflistGoesOn() throws IOException, CniException {
        write("net.conf", "{'name': 'lan', 'plugins': [{'type': 'a'}]}");
        write("lan/10.conf", "{'type': 'x'}");
        assertEquals("a", load("net.conf"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
            {'name': '../lan', 'plugins': [{'type': 'a'}]} | /net.conflist.name: expected letters
            {'name': '..', 'plugins': [{'type': 'a'}]}     | /net.conflist.name: expected letters
            {'name': 'a\\u0000', 'plugins': [{'type': 'a'}]} | /net.conflist.name: expected letters
            {'name': 'lan', 'plugins': 'a'}                | /net.conflist.plugins: expected a list
            {'name': 'lan', 'plugins': [{'type': 'a'}]}    | /net.conflist.plugins[1].type: required
            {'name': 'bad', 'plugins': [{'type': 'a'}]}    | /bad/10.conf: not JSON
            {'name': 'n', 'plugins': []}                   | /net.conflist.plugins: an empty list
            not json                                       | /net.conflist: not JSON
            """)
    void aFaultInAFileIsAnErrorWithItsPath(String list, String problem) throws IOException {
        write("net.conflist", list);
        write("lan/10.conf", "{}");
        write("bad/10.conf", "{");
        CniException refusal = assertThrows(CniException.class, () -> load("net.conflist"));
        assertEquals(7, refusal.code().number());
        assertTrue(refusal.getMessage().startsWith(directory + problem), refusal.getMessage());
    }

    @ParameterizedTest
    @CsvSource({"absent.conf, there is no such file", "empty, has no .conf or .conflist file"})
    void whatIsNotThereMayStillCome(String path, String problem) throws IOException {
        Files.createDirectory(directory.resolve("empty"));
        CniException refusal = assertThrows(CniException.class, () -> load(path));
        assertEquals(11, refusal.code().number());
        assertEquals(
                directory.resolve(path) + ": " + problem + "; its network is not set up yet", refusal.getMessage());
    }

    @Test
    void whatCannotBeAPathIsRefused() {
        assertEquals(
                7,
                assertThrows(CniException.class, () -> ConfDir.load("/a\0b"))
                        .code()
                        .number());
    }
}

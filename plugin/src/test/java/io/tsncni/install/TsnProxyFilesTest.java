// SPDX-License-Identifier: Apache-2.0
package io.tsncni.install;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The entry as install.sh of tsn-proxy (4a9e420) makes it with jq; the script is a stand-in. */
class TsnProxyFilesTest {
    private static final String SCRIPT = "#!/bin/bash -e\nBIN_DIR=/opt/cni/bin/tsn-metadata-proxy\n";
    private static final String SHIM = "\177ELF...tsn-cni-shim 0.1.0...";
    private static final String LIST =
            """
            {
              'name': 'lan',
              'cniVersion': '0.3.1',
              'plugins': [
                {
                  'type': 'ptp',
                  'mtu': 1500
                },
                {
                  'type': 'tsn',
                  'tsnIfname': 'eth0',
                  'tsnIngressOrEgress': 'egress'
                },
                {
                  'type': 'portmap',
                  'capabilities': {'portMappings': true}
                }
              ]
            }
            """
                    .replace('\'', '"');
    private static final String ITS =
            """
                  'tsnIfname': 'eth0',
                  'tsnIngressOrEgress': 'egress'
            """
                    .replace('\'', '"');
    private static final String REPLACED = LIST.replace(
            ITS, ITS.replace("tsnIfname", "egress").replace("tsnIngressOrEgress\": \"egress", "installedBy\": \"tsnd"));
    private static final String WITHOUT = LIST.replaceAll("(?s)\\{\\s*\"type\": \"tsn\".*?\\},\\s*", "");

    @TempDir
    Path host;

    private final InterruptedFiles files = new InterruptedFiles();
    private Path bin;
    private Path conf;

    @BeforeEach
    void aNodeWithTsnProxy() throws IOException {
        bin = Files.createDirectories(host.resolve("bin"));
        conf = Files.createDirectories(host.resolve("net.d"));
        Files.writeString(host.resolve("shim"), SHIM);
        plant();
    }

    private void plant() throws IOException {
        Files.writeString(bin.resolve("tsn"), SCRIPT);
        Files.createDirectories(bin.resolve("tsn-metadata-proxy"));
        Files.writeString(bin.resolve("tsn-metadata-proxy/jq"), "jq");
        write("10-lan.conflist", LIST);
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(conf.resolve(name), text.replace('\'', '"'));
    }

    private String read(String name) throws IOException {
        return Files.readString(conf.resolve(name));
    }

    private ShimFile shim() {
        return new ShimFile(host.resolve("shim"), bin, files);
    }

    private TsnProxyFiles its() {
        return new TsnProxyFiles(shim(), conf, files);
    }

    private static Optional<ObjectNode> keys() {
        return Optional.of(JsonNodeFactory.instance.objectNode().put("egress", "eth0"));
    }

    /** As the command does it. */
    private List<String> replace(Optional<ObjectNode> keys) throws IOException {
        List<String> said = its().replace(keys);
        Installer.of(shim(), conf, keys, files).install();
        its().removeDirectory();
        return said;
    }

    private void assertGone() throws IOException {
        assertTrue(its().find().isEmpty(), its().find().toString());
        assertEquals(SHIM, Files.readString(bin.resolve("tsn")));
        assertFalse(Files.exists(bin.resolve("tsn-metadata-proxy")));
    }

    @Test
    void itIsFound() throws IOException {
        TsnProxyFiles.Found found = its().find();
        assertEquals(
                List.of(new TsnProxyFiles.Entry(
                        conf.resolve("10-lan.conflist"), Optional.of("eth0"), Optional.of("egress"))),
                found.entries());
        assertEquals(Optional.of(bin.resolve("tsn")), found.script());
        assertEquals(Optional.of(bin.resolve("tsn-metadata-proxy")), found.directory());
    }

    @Test
    void itsEntryBecomesOursWhereItIsAndNoOtherByteChanges() throws IOException {
        assertEquals(
                List.of(
                        bin.resolve("tsn") + ": tsn-cni's plugin, in the place of its script",
                        conf.resolve("10-lan.conflist") + ": tsn-cni's entry, in the place of its"),
                replace(keys()));
        assertEquals(REPLACED, read("10-lan.conflist"));
        assertGone();
        assertEquals(List.of(), replace(keys()));
        assertEquals(REPLACED, read("10-lan.conflist"));
    }

    @Test
    void withoutAnEntryOfOursItsIsTakenOut() throws IOException {
        replace(Optional.empty());
        assertEquals(WITHOUT, read("10-lan.conflist"));
        assertGone();
    }

    /** Its installer takes whatever file is the first at that moment. */
    @Test
    void onlyTheNetworkThatPodsGetHasOursAfterwards() throws IOException {
        write("20-other.conflist", LIST);
        replace(keys());
        assertEquals(REPLACED, read("10-lan.conflist"));
        assertEquals(WITHOUT, read("20-other.conflist"));
    }

    /** With "type":"tsn" in a list without blanks, its installer does not see that there is one already. */
    @Test
    void oneThatWasAddedToOursGoes() throws IOException {
        write("10-lan.conflist", "{'name': 'lan', 'cniVersion': '1.0.0', 'plugins': [{'type': 'ptp'}]}");
        replace(keys());
        String ours = read("10-lan.conflist");
        Files.createDirectory(bin.resolve("tsn-metadata-proxy"));
        write(
                "10-lan.conflist",
                ours.replace("]}", ", {'type': 'tsn', 'tsnIfname': 'eth0', 'tsnIngressOrEgress': 'egress'}]}"));
        replace(keys());
        assertEquals(ours, read("10-lan.conflist"));
    }

    /** Ours may be as bare as what its installer makes of an empty ConfigMap. */
    @Test
    void aBareEntryIsItsOnlyWhileTheRestOfItIsThere() throws IOException {
        String bare = LIST.replace(",\n" + ITS.stripTrailing(), "");
        assertFalse(bare.contains("eth0"), bare);
        write("10-lan.conflist", bare);
        assertEquals(1, its().find().entries().size());
        replace(Optional.empty());
        assertEquals(WITHOUT, read("10-lan.conflist"));
        write("10-lan.conflist", bare);
        assertTrue(its().find().isEmpty());
    }

    @Test
    void entriesOfAnOperatorsOwnStay() throws IOException {
        String own = LIST.replace("\"tsnIfname\"", "\"priorityMap\": {}, \"tsnIfname\"");
        write("10-lan.conflist", own);
        assertEquals(List.of(), its().find().entries());
        replace(Optional.empty());
        assertEquals(own, read("10-lan.conflist"));
    }

    @Test
    void aListOfNothingElseIsNotMadeABrokenOne() throws IOException {
        String only = "{'name': 'lan', 'plugins': [{'type': 'tsn', 'tsnIfname': 'a', 'tsnIngressOrEgress': 'egress'}]}";
        write("10-lan.conflist", only);
        List<String> said = its().replace(keys());
        assertTrue(said.toString().contains("its entry stays"), said.toString());
        assertEquals(only.replace('\'', '"'), read("10-lan.conflist"));
    }

    /** cniVersion 0.2.0, which our plugin does not speak: with our entry no pod would start. */
    @Test
    void whereOursWouldBreakTheNetworkItsIsTakenOut() throws IOException {
        write("10-lan.conflist", LIST.replace("0.3.1", "0.2.0"));
        its().replace(keys());
        assertEquals(WITHOUT.replace("0.3.1", "0.2.0"), read("10-lan.conflist"));
    }

    /** Where jq puts the entry into what is no list, and where Multus copies it. */
    @Test
    void copiesThatNoRuntimeReadsAreToldApart() throws IOException {
        Path plain = write(
                "00-multus.conf",
                "{'name': 'm', 'type': 'multus', 'plugins': [{'type': 'tsn', 'tsnIfname': 'a', 'tsnIngressOrEgress': 'egress'}]}");
        TsnProxyFiles.Found found = its().find();
        assertEquals(List.of(plain), found.copies());
        assertEquals(1, found.entries().size());
    }

    @Test
    void meanwhileTheAgentSaysHowToGoOnAndChangesNothing() throws IOException {
        IOException refusal = assertThrows(IOException.class, () -> shim().install());
        assertTrue(refusal.getMessage().contains("is tsn-proxy's script"), refusal.getMessage());
        assertTrue(refusal.getMessage().contains("tsnd migrate tsn-proxy --replace"), refusal.getMessage());
        Files.delete(bin.resolve("tsn"));
        EntryState state = Installer.of(shim(), conf, keys(), files).install().state();
        assertTrue(state.toString().contains("has tsn-proxy's entry"), state.toString());
        assertEquals(LIST, read("10-lan.conflist"));
    }

    @Test
    void aForeignProgramIsNotTakenForItsScript() throws IOException {
        Files.writeString(bin.resolve("tsn"), "#!/bin/sh\nexec something\n");
        assertEquals(Optional.empty(), its().find().script());
        assertThrows(IOException.class, () -> its().replace(keys()));
        assertEquals(LIST, read("10-lan.conflist"));
    }

    private static final class Crash extends UncheckedIOException {
        private static final long serialVersionUID = 1;

        Crash() {
            super(new IOException("crash"));
        }
    }

    /** At every step there is the old list or the new one, and a plugin that understands it; a second run finishes. */
    @Test
    void aCrashAtAnyStepIsMadeGoodByAnotherRun() throws IOException {
        for (int step = 0; ; step++) {
            plant();
            files.interruptAt(step, () -> {
                throw new Crash();
            });
            boolean crashed = false;
            try {
                replace(keys());
            } catch (Crash e) {
                crashed = true;
            }
            files.interruptNever();
            String text = read("10-lan.conflist");
            String plugin = Files.readString(bin.resolve("tsn"));
            assertTrue(text.equals(LIST) || text.equals(REPLACED) && plugin.equals(SHIM), text + plugin);
            assertTrue(plugin.equals(SCRIPT) || plugin.equals(SHIM), plugin);
            replace(keys());
            assertEquals(REPLACED, read("10-lan.conflist"));
            assertGone();
            if (!crashed) {
                assertTrue(step > 10, "only " + step + " steps");
                return;
            }
        }
    }

    /** Whenever he writes, it is his file with our entry in it that comes out. */
    @Test
    void anotherWriterIsNotOverwritten() throws IOException {
        String other = LIST.replace("1500", "9000");
        for (int step = 0; ; step++) {
            plant();
            files.interruptAt(step, () -> {
                files.interruptNever();
                write("10-lan.conflist", other);
            });
            replace(keys());
            files.interruptNever();
            boolean came = read("10-lan.conflist").contains("9000");
            replace(keys());
            assertEquals(
                    came ? REPLACED.replace("1500", "9000") : REPLACED, read("10-lan.conflist"), "at step " + step);
            if (!came) {
                assertTrue(step > 10, "overwritten at step " + step);
                return;
            }
        }
    }
}

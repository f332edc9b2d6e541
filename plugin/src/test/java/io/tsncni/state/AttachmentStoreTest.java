// SPDX-License-Identifier: Apache-2.0
package io.tsncni.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.cni.CniErrorCode;
import io.tsncni.cni.CniException;
import io.tsncni.cni.RecordedLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AttachmentStoreTest {
    private static final AttachmentRecord ONE = Records.intended("one", "plant", "tsn0", "tsn1");
    private static final AttachmentRecord TWO =
            Records.intended("two", "office", "tsn1").attached();

    @RegisterExtension
    final RecordedLog log = new RecordedLog(AttachmentStore.class);

    @TempDir
    private Path stateDir;

    private AttachmentStore store;

    @BeforeEach
    void open() throws IOException {
        store = AttachmentStore.open(stateDir);
    }

    private Path file(String name) {
        return stateDir.resolve("attachments").resolve(name);
    }

    private Path file(AttachmentRecord record) {
        return file(record.key().fileName() + ".json");
    }

    private Set<String> files() throws IOException {
        try (Stream<Path> files = Files.list(stateDir.resolve("attachments"))) {
            return files.map(file -> file.getFileName().toString()).collect(Collectors.toCollection(TreeSet::new));
        }
    }

    private static Set<AttachmentRecord> all(AttachmentStore store) {
        return Set.copyOf(store.all());
    }

    @Test
    void aNewStoreIsEmpty() {
        assertEquals(List.of(), List.copyOf(store.all()));
        assertEquals(Set.of(), store.egress());
        assertEquals(Optional.empty(), store.find(ONE.key()));
    }

    @Test
    void whatWasPutIsThereAtOnceAndAfterReopening() throws IOException, CniException {
        store.put(ONE);
        store.put(TWO);
        for (AttachmentStore any : List.of(store, AttachmentStore.open(stateDir))) {
            assertEquals(Optional.of(ONE), any.find(ONE.key()));
            assertEquals(Optional.of(TWO), any.find(TWO.key()));
            assertEquals(Set.of(ONE, TWO), all(any));
            assertEquals(Set.of("tsn0", "tsn1"), any.egress());
        }
        assertEquals(Set.of("one:eth0%2e1.json", "two:eth0%2e1.json"), files());
    }

    @Test
    void aSecondPutTakesThePlaceOfTheFirst() throws IOException, CniException {
        store.put(ONE);
        store.put(ONE.attached());
        assertEquals(Set.of(ONE.attached()), all(store));
        assertEquals(Set.of(ONE.attached()), all(AttachmentStore.open(stateDir)));
    }

    @Test
    void whatWasRemovedIsGoneAndItsNicWithIt() throws IOException, CniException {
        store.put(ONE);
        store.put(TWO);
        store.remove(ONE.key());
        store.remove(ONE.key());
        assertEquals(Set.of(TWO), all(store));
        assertEquals(Set.of("tsn1"), store.egress());
        assertEquals(Set.of(TWO), all(AttachmentStore.open(stateDir)));
    }

    @Test
    void nobodyElseCanReadARecord() throws IOException, CniException {
        Files.setPosixFilePermissions(stateDir, PosixFilePermissions.fromString("rwxr-xr-x"));
        AttachmentStore.open(stateDir).put(ONE);
        assertEquals(
                "rwx------",
                PosixFilePermissions.toString(Files.getPosixFilePermissions(stateDir.resolve("attachments"))));
        // A directory that was there before is the operator's.
        assertEquals("rwxr-xr-x", PosixFilePermissions.toString(Files.getPosixFilePermissions(stateDir)));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file(ONE))));
    }

    @Test
    void aTemporaryFileOfACrashIsRemovedAtTheNextStart() throws IOException, CniException {
        store.put(ONE);
        Files.writeString(file("one:eth0%2e1.json.tmp"), "{\"version\":1,\"pha");
        Files.writeString(file("two:eth0%2e1.json.tmp"), "");
        assertEquals(Set.of(ONE), all(AttachmentStore.open(stateDir)));
        assertEquals(Set.of("one:eth0%2e1.json"), files());
    }

    @Test
    void filesOfOthersAreLeftAlone() throws IOException {
        Files.writeString(file("one:eth0%2e1.note"), "");
        assertEquals(Set.of(), all(AttachmentStore.open(stateDir)));
        assertEquals(Set.of("one:eth0%2e1.note"), files());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "\0\0\0\0\0\0\0\0",
                "{",
                "[]",
                "null",
                "\"text\"",
                "{}",
                "{\"version\": 1}",
                "{\"version\": \"one\"}",
                "{\"version\": 1, \"phase\": \"HALFWAY\"}",
                "{\"version\": 1, \"key\": {\"containerId\": \"../x\", \"ifName\": \"eth0\"}}",
                "{\"version\": 1, \"key\": {\"containerId\": \"a\", \"ifName\": \"eth0\"}}",
                "{\"version\": 1, \"key\": {}}"
            })
    void aCorruptRecordIsKeptAsideAndTheOthersAreRead(String content) throws IOException, CniException {
        store.put(ONE);
        Files.writeString(file("bad:eth0.json"), content);
        AttachmentStore reopened = AttachmentStore.open(stateDir);
        assertEquals(Set.of(ONE), all(reopened));
        assertEquals(Set.of("tsn0", "tsn1"), reopened.egress());
        assertEquals(content, Files.readString(file("bad:eth0.json.corrupt")));
        assertFalse(Files.exists(file("bad:eth0.json")));
        assertEquals(1, log.lines().size(), log.lines().toString());
        assertTrue(log.lines().get(0).startsWith("SEVERE unreadable record kept as " + file("bad:eth0.json.corrupt")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/phase",
                "/key",
                "/network",
                "/pod",
                "/saver",
                "/delegates",
                "/bootId",
                "/saver/pod",
                "/saver/egress",
                "/saver/tsn",
                "/saver/overrides",
                "/saver/pod/netns",
                "/saver/pod/ifIndex"
            })
    void aRecordThatLacksAPartIsKeptAside(String part) throws IOException, CniException {
        store.put(ONE);
        ObjectNode record = (ObjectNode) new ObjectMapper().readTree(file(ONE).toFile());
        int name = part.lastIndexOf('/');
        ((ObjectNode) record.at(part.substring(0, name))).remove(part.substring(name + 1));
        Files.writeString(file(ONE), record.toString());
        assertEquals(Set.of(), all(AttachmentStore.open(stateDir)));
        assertEquals(Set.of("one:eth0%2e1.json.corrupt"), files());
    }

    @Test
    void aRecordCutOffAnywhereIsKeptAside() throws IOException, CniException {
        store.put(ONE);
        byte[] whole = Files.readAllBytes(file(ONE));
        for (int length = 0; length < whole.length; length += 7) {
            Files.write(file(ONE), Arrays.copyOf(whole, length));
            assertEquals(Set.of(), all(AttachmentStore.open(stateDir)), "after " + length);
            assertEquals(Set.of("one:eth0%2e1.json.corrupt"), files());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"version\": 2}", "{\"version\": 7, \"key\": \"one:eth0\", \"plans\": []}"})
    void aRecordOfANewerAgentStopsThisOne(String content) throws IOException {
        Files.writeString(file("new:eth0.json"), content);
        IOException refusal = assertThrows(IOException.class, () -> AttachmentStore.open(stateDir));
        assertTrue(refusal.getMessage().contains(file("new:eth0.json") + " has record version "));
        assertTrue(refusal.getMessage().contains("start the newer agent"));
        assertEquals(content, Files.readString(file("new:eth0.json")));
    }

    private void assertFailsAndLeavesTheOldRecord(String start, Executable change) throws IOException {
        CniException failure = assertThrows(CniException.class, change);
        assertEquals(CniErrorCode.IO_FAILURE, failure.code());
        assertTrue(failure.getMessage().startsWith(start + " the record " + file(ONE)), failure.getMessage());
        assertEquals(Optional.of(ONE), store.find(ONE.key()));
    }

    @Test
    void aWriteThatCannotBeginLeavesTheOldRecord() throws IOException, CniException {
        store.put(ONE);
        Path inTheWay = Files.createDirectories(file("one:eth0%2e1.json.tmp/full"));
        assertFailsAndLeavesTheOldRecord("cannot write", () -> store.put(ONE.attached()));
        Files.delete(inTheWay);
        Files.delete(inTheWay.getParent());
        assertEquals(Set.of(ONE), all(AttachmentStore.open(stateDir)));
    }

    @Test
    void aWriteThatCannotFinishLeavesNoTemporaryFile() throws IOException, CniException {
        store.put(ONE);
        Files.delete(file(ONE));
        Files.createDirectories(file(ONE).resolve("full"));
        assertFailsAndLeavesTheOldRecord("cannot write", () -> store.put(ONE.attached()));
        assertEquals(Set.of("one:eth0%2e1.json"), files());
    }

    @Test
    void aWriteWithoutTheDirectoryLeavesTheOldRecord() throws IOException, CniException {
        store.put(ONE);
        Path away = Files.move(stateDir.resolve("attachments"), stateDir.resolve("away"));
        Files.writeString(stateDir.resolve("attachments"), "");
        assertFailsAndLeavesTheOldRecord("cannot write", () -> store.put(ONE.attached()));
        Files.delete(stateDir.resolve("attachments"));
        Files.move(away, stateDir.resolve("attachments"));
        assertEquals(Set.of(ONE), all(AttachmentStore.open(stateDir)));
    }

    @Test
    void aRemovalThatFailsLeavesTheOldRecord() throws IOException, CniException {
        store.put(ONE);
        Files.delete(file(ONE));
        Files.createDirectories(file(ONE).resolve("full"));
        assertFailsAndLeavesTheOldRecord("cannot remove", () -> store.remove(ONE.key()));
    }

    @Test
    void aRecordWithDelegatesHasAMarkerThatTheShimLooksForUntilItGoes() throws Exception {
        AttachmentRecord record = Records.delegated("one", "plant");
        store.put(record);
        assertEquals(Set.of("one:eth0%2e1.delegates", "one:eth0%2e1.json"), files());
        assertEquals(Optional.of(record), AttachmentStore.open(stateDir).find(record.key()));
        store.put(record.attached());
        store.remove(record.key());
        assertEquals(Set.of(), files());
    }

    @Test
    void aMarkerWhoseRecordIsGoneGoesAtTheNextStart() throws Exception {
        store.put(Records.delegated("one", "plant"));
        Files.delete(file("one:eth0%2e1.json"));
        AttachmentStore.open(stateDir);
        assertEquals(Set.of(), files());
    }
}

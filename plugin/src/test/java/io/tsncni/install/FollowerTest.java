// SPDX-License-Identifier: Apache-2.0
package io.tsncni.install;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.tsncni.cni.Eventually;
import io.tsncni.cni.RecordedLog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class FollowerTest {
    private static final String LIST =
            "{'cniVersion': '1.0.0', 'name': 'lan', 'plugins': [{'type': 'bridge'}]}".replace('\'', '"');

    @RegisterExtension
    final RecordedLog log = new RecordedLog(Follower.class);

    @TempDir
    Path temporary;

    private Path file;
    private Path shim;
    private Optional<Follower> follower = Optional.empty();

    @BeforeEach
    void aNode() throws IOException {
        Files.writeString(temporary.resolve("built"), "tsn-cni-shim 0");
        file = Files.createDirectory(temporary.resolve("net.d")).resolve("10-a.conflist");
        shim = temporary.resolve("bin/tsn");
    }

    @AfterEach
    void stop() {
        follower.ifPresent(Follower::close);
    }

    private Follower follow() throws IOException {
        Installer installer = Installer.of(
                new ShimFile(temporary.resolve("built"), shim.getParent()),
                file.getParent(),
                Optional.of(JsonNodeFactory.instance.objectNode().put("egress", "tsn0")));
        follower = Optional.of(Follower.start(installer));
        return follower.get();
    }

    private boolean isInserted() {
        try {
            return LibCni.entries(Files.readString(file)) == 1;
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void allIsThereWhenItHasStarted() throws IOException {
        Files.writeString(file, LIST);
        assertEquals(new EntryState.Inserted(file), follow().state());
        assertTrue(isInserted());
        assertTrue(Files.isExecutable(shim));
        assertEquals(List.of("INFO the entry is in " + file), log.lines());
        assertEquals(1, follower.get().insertions());
        follower.get().close();
        assertEquals(0, follow().insertions(), "there already");
        assertEquals(0, follower.get().backoffs());
    }

    @Test
    void aConfigurationThatComesOrIsWrittenAnewGetsTheEntry() throws IOException, InterruptedException {
        Follower following = follow();
        assertTrue(following.state().toString().startsWith("no entry: no network configuration in"));
        for (int i = 0; i < 3; i++) {
            // In one go: half a file would be another reason for a warning.
            Files.move(Files.writeString(temporary.resolve("whole"), LIST), file, StandardCopyOption.ATOMIC_MOVE);
            Eventually.holds("the entry is there after write " + i, this::isInserted);
        }
        Eventually.holds("the state tells", () -> following.state().equals(new EntryState.Inserted(file)));
        Files.delete(file);
        Eventually.holds("the state tells", () -> following.state() instanceof EntryState.Missing);
    }

    @Test
    void theDirectoryMayGoAndComeAgain() throws IOException, InterruptedException {
        Files.writeString(file, LIST);
        Follower following = follow();
        Files.move(file.getParent(), temporary.resolve("old"));
        Eventually.holds("the state tells", () -> following.state() instanceof EntryState.Missing);
        Files.createDirectory(file.getParent());
        Files.writeString(file, LIST);
        Eventually.holds("the entry is in the new directory's file", this::isInserted);
        Files.writeString(file, LIST);
        Eventually.holds("the new directory is watched", this::isInserted);
    }

    /** As a primary plugin does that wants its file as it wrote it. */
    @Test
    void whoTakesTheEntryOutTimeAndAgainIsNotFought() throws IOException, InterruptedException {
        Files.writeString(file, LIST);
        Follower following = follow();
        for (int i = 0; i < Restraint.MOST; i++) {
            Files.writeString(file, LIST);
            Eventually.holds("the entry is there after write " + i, this::isInserted);
        }
        Eventually.holds("it gives way", () -> following.state() instanceof EntryState.Missing);
        assertEquals(Restraint.MOST + 1, following.insertions());
        assertEquals(1, following.backoffs());
        Files.writeString(file, LIST);
        // Long enough for an event to be followed ten times over, and far less than the first pause.
        Thread.sleep(1000);
        assertEquals(LIST, Files.readString(file));
        List<String> warnings =
                log.lines().stream().filter(line -> line.startsWith("WARNING")).toList();
        assertEquals(1, warnings.size(), warnings.toString());
        assertTrue(warnings.get(0).contains("another program keeps taking it out"), warnings.toString());
        assertTrue(warnings.get(0).contains("the next try is in 10 s"), warnings.toString());
    }

    @Test
    void anotherProgramInThePlaceOfTheShimStaysAndIsSaid() throws IOException {
        Files.createDirectories(shim.getParent());
        Files.writeString(shim, "another");
        Files.writeString(file, LIST);
        Follower following = follow();
        assertTrue(
                following.state() instanceof EntryState.Missing missing
                        && missing.why().contains(shim.toString()),
                following.state().toString());
        assertEquals("another", Files.readString(shim));
        assertEquals(LIST, Files.readString(file));
    }

    @Test
    void nothingIsWrittenAfterItsEnd() throws IOException, InterruptedException {
        Files.writeString(file, LIST);
        follow().close();
        Files.writeString(file, LIST);
        Thread.sleep(500);
        assertEquals(LIST, Files.readString(file));
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.install;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tsncni.install.ShimFile.Removal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShimFileTest {
    @TempDir
    Path directory;

    private Path source;
    private Path target;

    @BeforeEach
    void anInstallation() throws IOException {
        source = Files.writeString(directory.resolve("built"), "\177ELF...tsn-cni-shim 0.1.0...");
        target = directory.resolve("bin/tsn");
    }

    private ShimFile shim() {
        return new ShimFile(source, directory.resolve("bin"));
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(target.getParent())) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void itIsPutThereOnceAndForEverybodyToRun() throws IOException {
        assertTrue(shim().install());
        assertArrayEquals(Files.readAllBytes(source), Files.readAllBytes(target));
        assertEquals("rwxr-xr-x", PosixFilePermissions.toString(Files.getPosixFilePermissions(target)));
        FileTime time = FileTime.fromMillis(1000);
        Files.setLastModifiedTime(target, time);
        assertFalse(shim().install());
        assertEquals(time, Files.getLastModifiedTime(target));
        assertEquals(List.of("tsn"), names());
    }

    @Test
    void anOlderOneIsReplacedByAnotherFile() throws IOException {
        shim().install();
        Object old = Files.getAttribute(target, "unix:ino");
        Path running = Files.createLink(directory.resolve("running"), target);
        Files.writeString(source, "tsn-cni-shim 0.2.0");
        assertTrue(shim().install());
        assertEquals("tsn-cni-shim 0.2.0", Files.readString(target));
        assertEquals(old, Files.getAttribute(running, "unix:ino"));
        assertTrue(Files.readString(running).contains("0.1.0"), "a running program was written to");
    }

    @Test
    void oneThatCannotBeRunIsPutRight() throws IOException {
        shim().install();
        Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rw-r--r--"));
        assertTrue(shim().install());
        assertTrue(Files.isExecutable(target));
    }

    @Test
    void anotherProgramOfThatNameIsLeftAlone() throws IOException {
        Files.createDirectories(target.getParent());
        Files.writeString(target, "#!/bin/sh\n");
        String refusal = assertThrows(IOException.class, () -> shim().install()).getMessage();
        assertEquals(
                target + " is not a shim of tsn-cni and is left as it is; move it away, or choose another directory",
                refusal);
        assertEquals(Removal.FOREIGN, shim().remove());
        assertEquals("#!/bin/sh\n", Files.readString(target));
        assertEquals(List.of("tsn"), names());
    }

    @Test
    void aDirectoryOfThatNameIsLeftAlone() throws IOException {
        Files.createDirectories(target);
        assertThrows(IOException.class, () -> shim().install());
        assertEquals(Removal.FOREIGN, shim().remove());
        assertTrue(Files.isDirectory(target));
    }

    @Test
    void whatIsNoShimIsNotInstalled() throws IOException {
        Files.writeString(source, "half a sh");
        String refusal = assertThrows(IOException.class, () -> shim().install()).getMessage();
        assertEquals(source + " is not a shim of tsn-cni: the installation is damaged", refusal);
        assertFalse(Files.exists(target));
    }

    @Test
    void aLinkToOursIsOurs() throws IOException {
        Files.createDirectories(target.getParent());
        source.toFile().setExecutable(true, false);
        Files.setPosixFilePermissions(source, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.createSymbolicLink(target, source);
        assertFalse(shim().install());
        assertTrue(Files.isSymbolicLink(target));
        assertEquals(Removal.REMOVED, shim().remove());
        assertFalse(Files.exists(target, LinkOption.NOFOLLOW_LINKS));
        assertTrue(Files.exists(source));
    }

    @Test
    void aLinkThatLeadsNowhereHereMayLeadSomewhereOnTheHost() throws IOException {
        Files.createDirectories(target.getParent());
        Files.createSymbolicLink(target, Path.of("/nowhere/bin/tsn"));
        String refusal = assertThrows(IOException.class, () -> shim().install()).getMessage();
        assertTrue(refusal.contains(target + " is a symbolic link to /nowhere/bin/tsn, which cannot be seen"), refusal);
        assertEquals(Removal.FOREIGN, shim().remove());
        assertTrue(Files.isSymbolicLink(target));
    }

    @Test
    void itIsTakenAwayAndThenIsNotThere() throws IOException {
        assertEquals(Removal.ABSENT, shim().remove());
        shim().install();
        Files.writeString(target.resolveSibling(".tsn-1.tmp"), "left by a crash");
        Files.writeString(target.resolveSibling("bridge"), "");
        assertEquals(Removal.REMOVED, shim().remove());
        assertEquals(List.of("bridge"), names());
        assertEquals(Removal.ABSENT, shim().remove());
    }
}

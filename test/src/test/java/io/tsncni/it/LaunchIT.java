// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tsncni.testbed.Artifacts;
import io.tsncni.testbed.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** bin/tsnd and bin/tsnctl, with a java that tells what it is started with. */
class LaunchIT {
    @TempDir
    private Path directory;

    private Path home;

    @BeforeEach
    void install() throws IOException {
        home = Files.createDirectories(directory.resolve("an installed tsn"));
        Files.createDirectories(home.resolve("bin"));
        Files.createDirectories(home.resolve("lib"));
        Artifacts built = Artifacts.fromSystemProperties();
        Files.copy(built.tsnd(), home.resolve("bin/tsnd"));
        for (String jar : List.of("b.jar", "a.jar")) {
            Files.createFile(home.resolve("lib").resolve(jar));
        }
    }

    private void java(String where) throws IOException {
        Path java = directory.resolve(where).resolve("bin/java");
        Files.createDirectories(java.getParent());
        Files.writeString(java, "#!/bin/sh\necho '" + where + "'\nprintf '%s\\n' \"$@\"\n");
        Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private Shell tsnd(String... arguments) {
        return Shell.of(home.resolve("bin/tsnd"), arguments)
                .with("JAVA_HOME", directory.resolve("another").toString());
    }

    private List<String> started(String... arguments) {
        return tsnd(arguments).run().stdout().lines().toList();
    }

    @Test
    void whereItLiesItFindsEverythingElse() throws IOException {
        java("another");
        Path link = Files.createSymbolicLink(directory.resolve("link"), home.resolve("bin/tsnd"));
        List<String> started = Shell.of(link, "one word", "@two")
                .with("JAVA_HOME", directory.resolve("another").toString())
                .run()
                .stdout()
                .lines()
                .toList();
        String lib = home + "/lib/";
        assertEquals(
                List.of(
                        "another",
                        "-Dtsn.objects=" + home + "/bpf",
                        "-Dtsn.shim=" + home + "/bin/tsn",
                        "-Djna.boot.library.path=" + home + "/lib",
                        "-cp",
                        lib + "a.jar:" + lib + "b.jar",
                        "@" + lib + "java.args",
                        "@" + lib + "tsnd.args",
                        "one word",
                        "@two"),
                started);
    }

    @Test
    void anArchiveOfClassesIsUsedIfThereIsOne() throws IOException {
        java("another");
        Path archive = Files.createFile(home.resolve("lib/classes.jsa"));
        assertTrue(
                started().contains("-XX:SharedArchiveFile=" + archive),
                started().toString());
    }

    @Test
    void aRuntimeOfItsOwnGoesFirst() throws IOException {
        java("another");
        java("an installed tsn/runtime");
        assertEquals("an installed tsn/runtime", started().get(0));
    }

    @Test
    void withoutJavaHomeItIsThePathsJava() throws IOException {
        java("third");
        String path = directory.resolve("third/bin") + ":/usr/bin:/bin";
        assertEquals(
                "third",
                tsnd().with("JAVA_HOME", "")
                        .with("PATH", path)
                        .run()
                        .stdout()
                        .lines()
                        .findFirst()
                        .orElseThrow());
    }

    @Test
    void whatIsMissingIsNamed() throws IOException {
        Shell.Result noJava = tsnd().attempt();
        assertEquals(127, noJava.exit());
        assertEquals(
                "tsnd: cannot start " + directory + "/another/bin/java: No such file or directory; install Java 17, or"
                        + " set JAVA_HOME to where it is\n",
                noJava.stderr());

        Files.delete(home.resolve("lib/a.jar"));
        Files.delete(home.resolve("lib/b.jar"));
        Shell.Result noJar = tsnd().attempt();
        assertEquals(127, noJar.exit());
        assertTrue(noJar.stderr().startsWith("tsnd: no jar in " + home + "/lib: "), noJar.stderr());

        Path elsewhere = Files.copy(home.resolve("bin/tsnd"), directory.resolve("tsnd"));
        Shell.Result alone = Shell.of(elsewhere).attempt();
        assertEquals(127, alone.exit());
        assertTrue(alone.stderr().startsWith("tsnd: it lies in '" + directory + "/', "), alone.stderr());
    }

    @Test
    void anArgumentOfTheUsersIsNoFileOfJavas() {
        Shell.Result result =
                Shell.of(Artifacts.fromSystemProperties().tsnctl(), "@/nowhere").attempt();
        assertEquals(2, result.exit(), "picocli's, for an argument that it does not know: " + result.stderr());
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.shim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tsncni.cni.CniAnswer;
import io.tsncni.cni.RecordedLog;
import io.tsncni.linux.netns.HandedNetns;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class SpoolReplayTest {
    @RegisterExtension
    final RecordedLog log = new RecordedLog(SpoolReplay.class);

    @TempDir
    private Path stateDir;

    /** What was carried out, in order. */
    private final List<String> done = new ArrayList<>();

    private final List<Instant> times = new ArrayList<>();
    private CniAnswer answer = new CniAnswer(0, "");

    private final ShimServer.Handler handler = new ShimServer.Handler() {
        @Override
        public CniAnswer cni(ShimRequest request) {
            throw new AssertionError(request);
        }

        @Override
        public CniAnswer spooled(ShimRequest request, Instant since) {
            assertEquals(new HandedNetns.Unset(), request.netns());
            done.add(request.environment().get("CNI_COMMAND") + " "
                    + request.environment().get("CNI_CONTAINERID"));
            times.add(since);
            return answer;
        }

        @Override
        public CniAnswer query(String query) {
            throw new AssertionError(query);
        }
    };

    private Path spool(String name, byte[] content) throws IOException {
        return Files.write(Files.createDirectories(stateDir.resolve("spool")).resolve(name), content);
    }

    private static byte[] del(String containerId) {
        return new Request()
                .number(Frame.PROTOCOL)
                .number(Frame.NETNS_UNSET)
                .number(2)
                .blob("CNI_COMMAND=DEL")
                .blob("CNI_CONTAINERID=" + containerId)
                .blob("{}")
                .bytes();
    }

    private Set<String> left() throws IOException {
        try (Stream<Path> files = Files.list(stateDir.resolve("spool"))) {
            return files.map(file -> file.getFileName().toString()).collect(Collectors.toCollection(TreeSet::new));
        }
    }

    private void replay() throws IOException {
        SpoolReplay.replay(stateDir, handler, new PassedAdds(handler::spooled));
    }

    @Test
    void withoutASpoolThereIsNothingToDo() throws IOException {
        replay();
        assertEquals(List.of(), done);
    }

    /** Names as spool() of the shim makes them: seconds, nanoseconds, pid. */
    @Test
    void theOldestComesFirstAndEachOnce() throws IOException {
        spool("001795266000.000000009-12.req", del("second"));
        spool("001795266001.000000000-7.req", del("third"));
        spool("000999999999.999999999-99999.req", del("first"));
        replay();
        replay();
        assertEquals(List.of("DEL first", "DEL second", "DEL third"), done);
        assertEquals(Set.of(), left());
    }

    @Test
    void theHandlerHearsWhenEachWasSpooled() throws IOException {
        spool("001795266000.000000009-12.req", del("one"));
        replay();
        assertEquals(List.of(Instant.ofEpochSecond(1795266000, 9)), times);
    }

    @Test
    void whatMayHealStaysForTheNextStartAndWhatCannotIsDropped() throws IOException {
        spool("001795266000.000000009-12.req", del("one"));
        answer = new CniAnswer(1, "{}", true);
        replay();
        assertEquals(Set.of("001795266000.000000009-12.req"), left());
        answer = new CniAnswer(1, "{}", false);
        replay();
        assertEquals(Set.of(), left());
    }

    @Test
    void anUnreadableRequestIsLoggedAndKeepsNoOtherFromBeingCarriedOut() throws IOException {
        Path bad = spool("1.req", new byte[] {1, 2, 3});
        spool("2.req", del("good"));
        replay();
        assertEquals(List.of("DEL good"), done);
        assertEquals(Set.of(), left());
        assertTrue(log.lines().get(0).startsWith("SEVERE unreadable request dropped from the spool: " + bad));
    }

    @Test
    void whatAShimDidNotFinishWritingIsNotCarriedOutAndTakesNoPlace() throws IOException {
        spool("1.req.tmp", del("half"));
        replay();
        assertEquals(List.of(), done);
        assertEquals(Set.of(), left());
    }
}

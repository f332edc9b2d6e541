// SPDX-License-Identifier: Apache-2.0
package io.tsncni.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tsncni.cni.RecordedLog;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class UndoTest {
    @RegisterExtension
    final RecordedLog log = new RecordedLog(Undo.class);

    private final List<String> undone = new ArrayList<>();

    private Undo undo(String... steps) {
        Undo undo = new Undo();
        for (String step : steps) {
            undo.push(() -> undone.add(step));
        }
        return undo;
    }

    @Test
    void theLastStepIsTakenBackFirst() {
        undo("record", "delegates", "saver").close();
        assertEquals(List.of("saver", "delegates", "record"), undone);
    }

    @Test
    void oneFailingStepDoesNotStrandTheRestAndIsLogged() {
        try (Undo undo = undo("record")) {
            undo.push(() -> {
                throw new IOException("stuck");
            });
            undo.push(() -> {
                throw new IllegalStateException("stuck as well");
            });
            undo.push(() -> undone.add("saver"));
        }
        assertEquals(List.of("saver", "record"), undone);
        assertEquals(2, log.lines().size(), log.lines().toString());
    }

    @Test
    void afterCommitNothingIsTakenBack() {
        try (Undo undo = undo("record", "saver")) {
            undo.commit();
        }
        assertEquals(List.of(), undone);
    }

    @Test
    void whatIsPushedAfterACommitIsTakenBackAgain() {
        try (Undo undo = undo("record")) {
            undo.commit();
            undo.push(() -> undone.add("saver"));
        }
        assertEquals(List.of("saver"), undone);
    }

    @Test
    void closingTwiceTakesBackOnce() {
        Undo undo = undo("record");
        undo.close();
        undo.close();
        assertEquals(List.of("record"), undone);
    }

    @Test
    void theFailureThatLedHereIsTheOneThatIsThrown() {
        IOException thrown = assertThrows(IOException.class, () -> {
            try (Undo undo = undo("record")) {
                undo.push(() -> {
                    throw new IOException("while undoing");
                });
                throw new IOException("while attaching");
            }
        });
        assertEquals("while attaching", thrown.getMessage());
        assertEquals(List.of("record"), undone);
    }
}

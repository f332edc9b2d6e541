// SPDX-License-Identifier: Apache-2.0
package io.tsncni.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class TableTest {
    @Test
    void eachColumnIsAsWideAsItsWidestCell() {
        Table table = new Table("NIC", "RESTORER", "N");
        table.row("tsn0", "attached", 12L);
        table.row("a", "", 7);
        assertEquals(
                """
                NIC   RESTORER  N
                tsn0  attached  12
                a               7
                """,
                table.toString());
    }

    @Test
    void noLineEndsInSpaces() {
        Table table = new Table("A", "LAST");
        table.row("long cell", "");
        assertEquals("A          LAST\nlong cell\n", table.toString());
    }

    @Test
    void aTableWithoutRowsIsItsHeading() {
        assertEquals("A  B\n", new Table("A", "B").toString());
    }

    @Test
    void anEmptyColumnAndWhatFormatTakesForItsOwnDoNoHarm() {
        Table table = new Table("", "%s");
        table.row("", "100%d");
        assertEquals("   %s\n   100%d\n", table.toString());
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.resolve;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;

/**
 * A generated row of choices, each made by the next character of a string, and the first one of all once it is used up.
 * To shrink the string is to simplify what it makes; and a case costs a few microseconds, where arbitraries that are
 * nested in one another as JSON is cost hundreds.
 */
final class Choices {
    private final String row;
    private int at;

    private Choices(String row) {
        this.row = row;
    }

    static Arbitrary<Choices> arbitrary(int max) {
        return Arbitraries.strings()
                .withCharRange('\0', '\u03ff')
                .ofMaxLength(max)
                .map(Choices::new);
    }

    int below(int bound) {
        return at < row.length() ? row.charAt(at++) % bound : 0;
    }

    boolean oneIn(int cases) {
        return below(cases) == cases - 1;
    }

    <T> T of(List<T> all) {
        return all.get(below(all.size()));
    }

    <T> List<T> listOf(int max, Supplier<T> element) {
        List<T> list = new ArrayList<>();
        for (int n = below(max + 1); n > 0; n--) {
            list.add(element.get());
        }
        return list;
    }

    /** For the failure report, beside what was made of it. */
    @Override
    public String toString() {
        return row.chars().boxed().toList().toString();
    }
}

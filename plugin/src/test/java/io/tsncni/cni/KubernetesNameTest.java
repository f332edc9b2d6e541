// SPDX-License-Identifier: Apache-2.0
package io.tsncni.cni;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KubernetesNameTest {
    @ParameterizedTest
    @CsvSource({
        "a, true, true",
        "0, true, true",
        "plc-1, true, true",
        "a--b, true, true",
        "a.b, false, true",
        "1.2.3, false, true",
        "'', false, false",
        "-a, false, false",
        "a-, false, false",
        "A, false, false",
        "a_b, false, false",
        "a/b, false, false",
        "., false, false",
        ".., false, false",
        "a..b, false, false",
        ".a, false, false",
        "a., false, false",
        "a.-b, false, false",
        "'a b', false, false",
        "'a\n', false, false",
        "'a\u0000', false, false",
        "ä, false, false",
        "a٣, false, false",
        "a%2f, false, false",
        "a?x, false, false",
    })
    void aNameIsALabelOrPartsWithDotsBetweenThem(String name, boolean label, boolean subdomain) {
        assertEquals(label, KubernetesName.isLabel(name));
        assertEquals(subdomain, KubernetesName.isSubdomain(name));
    }

    @ParameterizedTest
    @CsvSource({"63, true, true", "64, false, true", "253, false, true", "254, false, false", "1000000, false, false"})
    void aNameHasAnEnd(int length, boolean label, boolean subdomain) {
        String name = "a".repeat(length);
        assertEquals(label, KubernetesName.isLabel(name));
        assertEquals(subdomain, KubernetesName.isSubdomain(name));
    }
}

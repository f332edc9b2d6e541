// SPDX-License-Identifier: Apache-2.0
package io.tsncni.cni;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The spec versions that we speak, oldest first. The shim's answer to VERSION lists the same. */
public enum CniVersion {
    V0_3_1("0.3.1"),
    V0_4_0("0.4.0"),
    V1_0_0("1.0.0"),
    V1_1_0("1.1.0");

    private final String text;

    CniVersion(String text) {
        this.text = text;
    }

    public static Optional<CniVersion> of(String text) {
        return Arrays.stream(values())
                .filter(version -> version.text.equals(text))
                .findFirst();
    }

    public static CniVersion newest() {
        return V1_1_0;
    }

    public static List<String> supported() {
        return Arrays.stream(values()).map(CniVersion::toString).toList();
    }

    @Override
    public String toString() {
        return text;
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni;

/** The version of the product, as in the root pom. */
public final class Version {
    public static final String TEXT = "0.1.0";

    private Version() {}
}

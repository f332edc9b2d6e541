// SPDX-License-Identifier: Apache-2.0
package io.tsncni.cli;

import picocli.CommandLine.IVersionProvider;

/** What {@code --version} answers: the version that Maven wrote into the jar. */
public final class ProductVersion implements IVersionProvider {
    @Override
    public String[] getVersion() {
        return new String[] {"tsn-cni " + number()};
    }

    public static String number() {
        return ProductVersion.class.getPackage().getImplementationVersion();
    }
}

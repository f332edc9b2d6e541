// SPDX-License-Identifier: Apache-2.0
package io.tsncni.cni;

/**
 * What the plugin leaves with: an exit code, and a result or an error on stdout.
 *
 * @param mayHeal whether the same request may succeed later
 */
public record CniAnswer(int exit, String stdout, boolean mayHeal) {
    public CniAnswer(int exit, String stdout) {
        this(exit, stdout, false);
    }
}

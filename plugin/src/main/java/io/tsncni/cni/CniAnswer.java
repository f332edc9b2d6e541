// SPDX-License-Identifier: Apache-2.0
package io.tsncni.cni;

/** What the plugin leaves with: an exit code, and a result or an error on stdout. */
public record CniAnswer(int exit, String stdout) {}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.linux.netns;

/** What became of the CNI_NETNS of a request. */
public sealed interface HandedNetns extends AutoCloseable {
    /** A network namespace, ours to close. */
    record Open(NetworkNamespace namespace) implements HandedNetns {
        @Override
        public void close() {
            namespace.close();
        }
    }

    /** The runtime named none. */
    record Unset() implements HandedNetns {}

    /** The shim could not open what it named. */
    record Unopened(String why) implements HandedNetns {}

    /** What it named is something else than a network namespace. */
    record NoNamespace() implements HandedNetns {}

    @Override
    default void close() {}
}

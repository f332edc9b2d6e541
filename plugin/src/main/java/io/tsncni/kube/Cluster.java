// SPDX-License-Identifier: Apache-2.0
package io.tsncni.kube;

import io.tsncni.cni.CniException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Pods and NetworkAttachmentDefinitions, from informers where these have them, else from the API server.
 *
 * <p>What asks the API server does so within one bound, whatever fails on the way, and then gives up with error 11 and a
 * message that says what it waited for.
 */
public interface Cluster extends AutoCloseable {
    /**
     * @param uid as the runtime has it, if it said so; a pod of this name with another one is not the pod, unless it is
     *     static
     */
    PodInfo pod(String namespace, String name, Optional<String> uid) throws CniException;

    /** The pod if the informer has it; never waits. */
    Optional<PodInfo> knownPod(String namespace, String name);

    /**
     * The pods of this node that run in a network of their own, as the informer has them; never waits. None if nobody has
     * said which node this is.
     */
    List<PodInfo> runningPods();

    /** Empty only if the API server says that there is none. */
    Optional<NetworkAttachmentDefinition> nad(String namespace, String name) throws CniException;

    /** Those marked as the policy of their namespace, by name, as the informer has them; never waits. */
    List<NetworkAttachmentDefinition> namespaceDefaults(String namespace);

    /** Whether the informers have listed pods and NetworkAttachmentDefinitions, each at least once. */
    boolean isSynced();

    /** Returns once the NetworkAttachmentDefinitions are listed, or the API server says that it knows no such thing. */
    void awaitNads(Duration patience) throws CniException;

    /** Writes the annotation {@code network-status}. A pod that is gone, or another of the same name, gets nothing. */
    void networkStatus(PodInfo pod, String json) throws CniException;

    /** Leaves an event with the pod, as soon as that goes; never waits and never fails. */
    void event(PodInfo pod, EventType type, String reason, String message);

    /**
     * The listener gets the namespace of each NetworkAttachmentDefinition that appears, changes or goes, and of each pod
     * whose annotations change; the network status does not count, which is our own writing. It is called on a thread of
     * the informer, which waits for it.
     */
    void onChange(Consumer<String> listener);

    @Override
    void close();
}

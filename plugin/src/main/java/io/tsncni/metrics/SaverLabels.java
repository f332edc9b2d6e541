// SPDX-License-Identifier: Apache-2.0
package io.tsncni.metrics;

import io.tsncni.cni.PodRef;
import io.tsncni.metrics.MeasuredDatapath.Saver;
import java.util.stream.Stream;

/**
 * Which pod and interface a number is of. Not namespace and pod, which a Prometheus of a cluster gives to what it
 * scrapes: these would be the agent's. A container has one saver an interface, so no two have the same labels.
 */
final class SaverLabels {
    private SaverLabels() {}

    static String[] with(String... more) {
        return concat(Stream.of("container_id", "pod_namespace", "pod_name", "interface"), more);
    }

    static String[] of(Saver saver, String... more) {
        return concat(
                Stream.of(
                        saver.program().containerId(),
                        saver.pod().map(PodRef::namespace).orElse(""),
                        saver.pod().map(PodRef::name).orElse(""),
                        saver.ifName()),
                more);
    }

    private static String[] concat(Stream<String> first, String... more) {
        return Stream.concat(first, Stream.of(more)).toArray(String[]::new);
    }
}

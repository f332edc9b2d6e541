// SPDX-License-Identifier: Apache-2.0
package io.tsncni.metrics;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tsncni.cni.CniCommand;
import io.tsncni.cni.CniErrorCode;

/** The requests of the container runtime, counted as they are answered. */
public final class RequestMetrics {
    private static final int SUCCESS = 0;

    /** Seconds: a DEL takes a millisecond or two, an ADD that waits for the API server many seconds. */
    private static final double[] BOUNDS = {0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30};

    private final Counter answers = Counter.builder()
            .name(Metric.CNI_REQUESTS.family())
            .help(Metric.CNI_REQUESTS.help())
            .labelNames(Metric.CNI_REQUESTS.labels().toArray(String[]::new))
            .withoutExemplars()
            .build();
    private final Histogram durations = Histogram.builder()
            .name(Metric.CNI_REQUEST_DURATION.family())
            .help(Metric.CNI_REQUEST_DURATION.help())
            .labelNames(Metric.CNI_REQUEST_DURATION.labels().toArray(String[]::new))
            .classicOnly()
            .classicUpperBounds(BOUNDS)
            .withoutExemplars()
            .build();

    public RequestMetrics() {
        for (CniCommand command : CniCommand.values()) {
            answers.initLabelValues(command.name(), Integer.toString(SUCCESS));
        }
    }

    void registerWith(PrometheusRegistry registry) {
        registry.register(answers);
        registry.register(durations);
    }

    /**
     * @param command as the runtime wrote it
     * @param code of the error, 0 for none; a delegate's may be any number
     */
    public void answered(String command, int code, long nanoseconds) {
        String known = CniCommand.of(command).map(CniCommand::name).orElse("other");
        boolean ours = code == SUCCESS || CniErrorCode.of(code).isPresent();
        answers.labelValues(known, ours ? Integer.toString(code) : "other").inc();
        durations.labelValues(known).observe(nanoseconds / 1e9);
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.metrics;

import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** All metrics, in the format that who asks prefers. */
public final class MetricsPage {
    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final ExpositionFormatWriter openMetrics = OpenMetricsTextFormatWriter.create();
    private final ExpositionFormatWriter text = PrometheusTextFormatWriter.create();

    public MetricsPage(MeasuredAgent agent, MeasuredDatapath datapath, RequestMetrics requests) {
        registry.register(new AgentCollector(agent));
        requests.registerWith(registry);
        registry.register(new DatapathCollector(datapath));
    }

    public record Rendered(String contentType, byte[] body) {}

    /**
     * One at a time, so that many who ask at once do not take the heap that requests need.
     *
     * @param accept the header of that name, empty if there was none
     */
    public synchronized Rendered render(String accept) {
        ExpositionFormatWriter writer = openMetrics.accepts(accept) ? openMetrics : text;
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        try {
            writer.write(body, registry.scrape());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Rendered(writer.getContentType(), body.toByteArray());
    }
}

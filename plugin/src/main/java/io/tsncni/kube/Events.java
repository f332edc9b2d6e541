// SPDX-License-Identifier: Apache-2.0
package io.tsncni.kube;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.cni.CniException;
import java.lang.System.Logger.Level;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** Events on their way to the API server: one at a time, and no more waiting than there is room for. */
final class Events implements AutoCloseable {
    static final int ROOM = 256;

    private static final System.Logger LOG = System.getLogger(Events.class.getName());
    private static final String COMPONENT = "tsn-cni";
    /** An object's name has 253 characters at most; this leaves room for what makes an event's unique. */
    private static final int NAME_MAX = 253 - 1 - Long.BYTES * 2;
    /** What newer API servers allow. */
    private static final int MESSAGE_MAX = 1024;

    /** Sending one takes a processor that the ADD which left it would rather have. */
    private static final Duration LATER = Duration.ofMillis(100);

    private record Event(String namespace, String name, ObjectNode json) {}

    private final ApiServer server;
    private final Optional<String> node;
    private final BlockingQueue<Event> queue = new ArrayBlockingQueue<>(ROOM);
    private final AtomicInteger dropped = new AtomicInteger();
    private final Thread thread = new Thread(this::drain, "events");

    Events(ApiServer server, Optional<String> node) {
        this.server = server;
        this.node = node;
        thread.setDaemon(true);
        thread.start();
    }

    void add(PodInfo pod, EventType type, String reason, String message) {
        if (!queue.offer(event(pod, type, reason, message)) && dropped.getAndIncrement() == 0) {
            LOG.log(Level.WARNING, "events are dropped: {0} wait for the API server already", ROOM);
        }
    }

    private Event event(PodInfo pod, EventType type, String reason, String message) {
        Instant now = Instant.now();
        String stem = pod.name().substring(0, Math.min(pod.name().length(), NAME_MAX));
        String name = stem + "." + Long.toHexString(ChronoUnit.NANOS.between(Instant.EPOCH, now));
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("apiVersion", "v1").put("kind", "Event");
        json.putObject("metadata").put("namespace", pod.namespace()).put("name", name);
        json.putObject("involvedObject")
                .put("apiVersion", "v1")
                .put("kind", "Pod")
                .put("namespace", pod.namespace())
                .put("name", pod.name())
                .put("uid", pod.uid());
        json.put("type", type.toString()).put("reason", reason);
        json.put("message", message.substring(0, Math.min(message.length(), MESSAGE_MAX)));
        ObjectNode source = json.putObject("source").put("component", COMPONENT);
        json.put("reportingComponent", COMPONENT);
        node.ifPresent(host -> {
            source.put("host", host);
            json.put("reportingInstance", host);
        });
        String second = now.truncatedTo(ChronoUnit.SECONDS).toString();
        json.put("firstTimestamp", second).put("lastTimestamp", second).put("count", 1);
        return new Event(pod.namespace(), name, json);
    }

    private void drain() {
        try {
            while (true) {
                Event event = queue.take();
                Thread.sleep(LATER.toMillis());
                for (; event != null; event = queue.poll()) {
                    post(event);
                }
                int lost = dropped.getAndSet(0);
                if (lost > 0) {
                    LOG.log(Level.WARNING, "{0} events were dropped", lost);
                }
            }
        } catch (InterruptedException e) {
            // close()
        }
    }

    private void post(Event event) throws InterruptedException {
        String what = "event " + event.namespace() + "/" + event.name();
        try {
            ApiServer.Answer answer = server.persist(
                    what,
                    patience -> Optional.of(server.send(
                            "POST",
                            "/api/v1/namespaces/" + event.namespace() + "/events",
                            "application/json",
                            event.json().toString(),
                            patience)));
            // Conflict: an attempt whose answer was lost had made it.
            if (!answer.success() && answer.code() != HttpURLConnection.HTTP_CONFLICT) {
                throw server.refused(what, answer);
            }
        } catch (CniException e) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            LOG.log(
                    Level.WARNING,
                    "{0}: {1}",
                    e.getMessage(),
                    event.json().path("message").asText());
        }
    }

    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join(Duration.ofSeconds(1).toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.kube;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.tsncni.cni.CniErrorCode;
import io.tsncni.cni.CniException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Single requests to the API server, repeated within a bound. */
final class ApiServer {
    /** Too many requests; internal error; a gateway's troubles; not available. */
    private static final Set<Integer> PASSING = Set.of(429, 500, 502, 503, 504);

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int SHOWN = 300;

    record Answer(int code, String body) {
        boolean success() {
            return code / 100 == 2;
        }

        /** Its code, and what a Kubernetes Status says. */
        @Override
        public String toString() {
            String message = body;
            try {
                JsonNode status = JSON.readTree(body);
                message = status.path("message").asText("");
            } catch (JsonProcessingException e) {
                // A proxy's page.
            }
            message = message.length() > SHOWN ? message.substring(0, SHOWN) + "..." : message.strip();
            return "HTTP " + code + (message.isEmpty() ? "" : ": " + message);
        }
    }

    interface Attempt<T> {
        /** Empty to try again; so does an IOException. */
        Optional<T> run(Patience patience) throws IOException, CniException, InterruptedException;
    }

    private final HttpClient http;
    private final String address;
    private final Duration bound;

    ApiServer(HttpClient http, String address, Duration bound) {
        this.http = http;
        this.address = address.replaceAll("/+$", "");
        this.bound = bound;
    }

    String address() {
        return address;
    }

    /** Repeats the attempt until it has something, or throws error 11 that says what was waited for. */
    <T> T persist(String what, Attempt<T> attempt) throws CniException {
        Patience patience = new Patience(bound);
        try {
            do {
                try {
                    Optional<T> result = attempt.run(patience);
                    if (result.isPresent()) {
                        return result.get();
                    }
                } catch (IOException e) {
                    patience.failed(reason(e));
                }
            } while (patience.pause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw later(what, "interrupted");
        }
        throw gaveUp(what, patience);
    }

    CniException gaveUp(String what, Patience patience) {
        double seconds = patience.waited().toMillis() / 1000.0;
        return later(
                what,
                String.format(
                        Locale.ROOT,
                        "waited %.1f s for the API server at %s; last: %s",
                        seconds,
                        address,
                        patience.lastFailure()));
    }

    CniException refused(String what, Answer answer) {
        return later(what, "refused by the API server at " + address + ": " + answer);
    }

    static CniException later(String what, String problem) {
        return new CniException(CniErrorCode.TRY_AGAIN_LATER, what + ": " + problem);
    }

    Answer get(String path, Patience patience) throws IOException, InterruptedException {
        return ask(http.newHttpRequestBuilder(), path, patience);
    }

    Answer send(String method, String path, String contentType, String body, Patience patience)
            throws IOException, InterruptedException {
        return ask(http.newHttpRequestBuilder().method(method, contentType, body), path, patience);
    }

    /** Any answer that asking again would not change; else an IOException. */
    private Answer ask(HttpRequest.Builder request, String path, Patience patience)
            throws IOException, InterruptedException {
        long millis = Math.max(1, patience.attempt().toMillis());
        request.uri(URI.create(address + path)).timeout(millis, TimeUnit.MILLISECONDS);
        CompletableFuture<HttpResponse<String>> response = start(request.build());
        try {
            // The timeout of the request ends with the answer's head, this one with its body.
            HttpResponse<String> came = response.get(millis, TimeUnit.MILLISECONDS);
            Answer answer =
                    new Answer(came.code(), Optional.ofNullable(came.body()).orElse(""));
            if (PASSING.contains(answer.code())) {
                throw new IOException(answer.toString());
            }
            return answer;
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException(reason(e), e);
        } finally {
            response.cancel(true);
        }
    }

    private CompletableFuture<HttpResponse<String>> start(HttpRequest request) {
        try {
            return http.sendAsync(request, String.class);
        } catch (RuntimeException e) {
            // As after close().
            return CompletableFuture.failedFuture(e);
        }
    }

    /** What went wrong in words; the JDK's client often has none but the name of the exception. */
    static String reason(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null && !(cause instanceof KubernetesClientException api && api.getCode() > 0)) {
            if (cause instanceof ConnectException && cause.getCause() instanceof ClosedChannelException) {
                // The JDK's client tries once more, on the channel that the refusal has closed, and tells only that.
                return "connection refused";
            }
            cause = cause.getCause();
        }
        if (cause instanceof KubernetesClientException api && api.getStatus() != null) {
            String message = api.getStatus().getMessage();
            return "HTTP " + api.getCode() + (message == null ? "" : ": " + message);
        }
        if (cause instanceof TimeoutException
                || cause instanceof HttpTimeoutException && !(cause instanceof HttpConnectTimeoutException)) {
            return "no answer in time";
        }
        String name = cause.getClass().getSimpleName();
        if (cause.getMessage() == null) {
            return name;
        }
        return cause.getClass().equals(IOException.class) ? cause.getMessage() : name + ": " + cause.getMessage();
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What Prometheus would have read: each series, by its name and its labels in the order of their names. */
record Scrape(Map<String, Double> series) {
    private static final String NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
    private static final String LABEL = "([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\"\\\\\n]|\\\\[\"\\\\n])*)\"";
    private static final Pattern LABELS = Pattern.compile(LABEL + "(?:,|$)");
    private static final Pattern SAMPLE =
            Pattern.compile("(" + NAME + ")(?:\\{((?:" + LABEL + ",?)*)})? ([-+]?[0-9.]+(?:E-?[0-9]+)?|\\+Inf)");
    private static final Pattern ABOUT =
            Pattern.compile("# (?:HELP (" + NAME + ") .+|TYPE (" + NAME + ") (?:counter|gauge|histogram))");

    /** Fails on anything that is not of the text format, on a sample of a family without a type, on one that is there twice. */
    static Scrape of(String address) {
        HttpResponse<String> response = get(address, "/metrics", "");
        assertEquals(200, response.statusCode(), response.body());
        assertEquals(
                "text/plain; version=0.0.4; charset=utf-8",
                response.headers().firstValue("Content-Type").orElse(""));
        assertTrue(response.body().endsWith("\n"), "the last line has no end");
        Map<String, Double> series = new TreeMap<>();
        Set<String> typed = new HashSet<>();
        response.body().lines().forEach(line -> read(line, series, typed));
        return new Scrape(series);
    }

    private static void read(String line, Map<String, Double> series, Set<String> typed) {
        Matcher about = ABOUT.matcher(line);
        if (about.matches()) {
            if (about.group(2) != null) {
                assertTrue(typed.add(about.group(2)), "twice: " + line);
            }
            return;
        }
        Matcher sample = SAMPLE.matcher(line);
        assertTrue(sample.matches(), line);
        assertTrue(
                typed.contains(sample.group(1))
                        || typed.contains(sample.group(1).replaceFirst("_(bucket|sum|count)$", "")),
                "no type: " + line);
        Map<String, String> labels = new HashMap<>();
        Matcher label = LABELS.matcher(sample.group(2) == null ? "" : sample.group(2));
        while (label.find()) {
            labels.put(label.group(1), label.group(2));
        }
        double value = sample.group(5).equals("+Inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(sample.group(5));
        assertEquals(null, series.put(sample.group(1) + new TreeMap<>(labels), value), "twice: " + line);
    }

    static HttpResponse<String> get(String address, String path, String accept) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://" + address + path));
        if (!accept.isEmpty()) {
            request.header("Accept", accept);
        }
        try {
            return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    boolean has(String name, Map<String, String> labels) {
        return series.containsKey(name + new TreeMap<>(labels));
    }

    /** Of a series that has to be there. */
    double value(String name, Map<String, String> labels) {
        assertTrue(has(name, labels), () -> name + new TreeMap<>(labels) + " is none of " + series);
        return series.get(name + new TreeMap<>(labels));
    }

    /** 0 if it is not there: counters of a priority appear with its first packet. */
    double count(String name, Map<String, String> labels) {
        return series.getOrDefault(name + new TreeMap<>(labels), 0.0);
    }
}

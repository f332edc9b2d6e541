// SPDX-License-Identifier: Apache-2.0
package io.tsncni.agent;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.cni.AttachmentKey;
import io.tsncni.cni.CniAnswer;
import io.tsncni.cni.CniErrorCode;
import io.tsncni.cni.CniException;
import io.tsncni.cni.CniRequest;
import io.tsncni.cni.CniVersion;
import io.tsncni.cni.PluginConf;
import io.tsncni.delegate.Plugins;
import io.tsncni.linux.netns.HandedNetns;
import io.tsncni.metrics.RequestMetrics;
import io.tsncni.resolve.Planner;
import io.tsncni.resolve.TsnConf;
import io.tsncni.shim.Exec;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The edge: one request in, one answer out, one log line, and nothing thrown. */
public final class CniDispatcher {
    private static final System.Logger LOG = System.getLogger(CniDispatcher.class.getName());

    private static final int UNKNOWN_KEYS_MAX = 20;
    private static final int UNKNOWN_KEYS_SAID_MAX = 1000;

    private final AddCommand add;
    private final DelCommand del;
    private final CheckCommand check;
    private final StatusCommand status;
    private final GcCommand gc;
    private final Planner planner;
    private final RequestMetrics requests;
    private final Set<String> unknownKeysSaid = ConcurrentHashMap.newKeySet();

    CniDispatcher(Attachments attachments, Planner planner, Announcer announcer, RequestMetrics requests) {
        this.planner = planner;
        this.requests = requests;
        add = new AddCommand(attachments, planner, announcer);
        del = new DelCommand(attachments, planner);
        check = new CheckCommand(attachments, planner);
        status = new StatusCommand(planner);
        gc = new GcCommand(attachments, planner);
    }

    /**
     * @param exec runs other plugins
     * @param waitingSince for what was spooled, when
     */
    public CniAnswer dispatch(
            Map<String, String> environment,
            byte[] stdin,
            HandedNetns netns,
            Exec exec,
            Optional<Instant> waitingSince) {
        long start = System.nanoTime();
        Answered answered = answer(environment, stdin, netns, exec, waitingSince);
        // Else the runtime was answered long ago, and this may be tried many times.
        if (waitingSince.isEmpty()) {
            requests.answered(environment.getOrDefault("CNI_COMMAND", ""), answered.code(), System.nanoTime() - start);
        }
        return answered.answer();
    }

    /** @param code of the error, 0 for none */
    private record Answered(CniAnswer answer, int code) {}

    /** Also of a request that a delegate of our own is for, which is part of another. */
    private Answered answer(
            Map<String, String> environment,
            byte[] stdin,
            HandedNetns netns,
            Exec exec,
            Optional<Instant> waitingSince) {
        long start = System.nanoTime();
        Optional<CniRequest> request = Optional.empty();
        String outcome = "ok";
        try {
            request = Optional.of(CniRequest.parse(environment, stdin));
            sayUnknownKeys(request.get());
            DelegatedNetworks delegates = delegates(request.get(), environment, netns, exec);
            return new Answered(
                    new CniAnswer(
                            0,
                            run(
                                    request.get(),
                                    new PodNetns(request.get().netnsPath(), netns),
                                    delegates,
                                    waitingSince)),
                    0);
        } catch (CniException e) {
            outcome = "code " + e.number() + ", " + e.getMessage();
            return failure(e, stdin);
        } catch (IOException e) {
            outcome = "code " + CniErrorCode.DATAPATH_FAILED.number() + ", " + e.getMessage();
            return failure(new CniException(CniErrorCode.DATAPATH_FAILED, "datapath: " + e.getMessage()), stdin);
        } catch (RuntimeException e) {
            outcome = "code " + CniErrorCode.INTERNAL.number() + ", " + e;
            LOG.log(Level.ERROR, "a defect of tsn-cni, please report it", e);
            return failure(new CniException(CniErrorCode.INTERNAL, "a defect of tsn-cni: " + e, e), stdin);
        } finally {
            LOG.log(
                    outcome.equals("ok") ? Level.INFO : Level.WARNING,
                    "{0} {1}: {2}, {3} ms",
                    environment.getOrDefault("CNI_COMMAND", "?"),
                    request.flatMap(CniRequest::attachment)
                            .map(AttachmentKey::toString)
                            .orElse("-"),
                    outcome,
                    (System.nanoTime() - start) / 1_000_000);
        }
    }

    /** @return what goes to stdout */
    private String run(CniRequest request, PodNetns netns, DelegatedNetworks delegates, Optional<Instant> waitingSince)
            throws CniException, IOException {
        switch (request.command()) {
            case ADD -> {
                return add.run(request, netns, delegates).toString();
            }
            case DEL -> del.run(request, netns, delegates, waitingSince);
            case CHECK -> check.run(request, netns, delegates);
            case STATUS -> status.run(request, delegates);
            case GC -> gc.run(request, delegates);
            case VERSION -> {
                return version().toString();
            }
        }
        return "";
    }

    private DelegatedNetworks delegates(
            CniRequest request, Map<String, String> environment, HandedNetns netns, Exec exec) {
        Plugins plugins = new Plugins(
                exec,
                environment,
                new HashSet<>(
                        List.of(TsnConf.TYPE, request.conf().raw().path("type").asText())),
                (variables, conf) ->
                        answer(variables, conf, netns, exec, Optional.empty()).answer());
        return new DelegatedNetworks(
                plugins,
                planner.directories(request),
                request.attachment().map(AttachmentKey::containerId).orElse(""),
                request.netnsPath());
    }

    /** The shim answers VERSION itself; this is for whoever speaks to the agent without one. */
    private static ObjectNode version() {
        ObjectNode version = JsonNodeFactory.instance.objectNode();
        version.put("cniVersion", CniVersion.newest().toString());
        CniVersion.supported().forEach(version.putArray("supportedVersions")::add);
        return version;
    }

    private void sayUnknownKeys(CniRequest request) {
        List<String> keys = TsnConf.unknownKeys(request.conf().raw()).stream()
                .limit(UNKNOWN_KEYS_MAX)
                .toList();
        for (String key : keys) {
            // They may be a tenant's: no more of them than a person would read.
            if (unknownKeysSaid.size() < UNKNOWN_KEYS_SAID_MAX
                    && unknownKeysSaid.add(request.conf().network() + "/" + key)) {
                LOG.log(
                        Level.WARNING,
                        "network {0}: key ''{1}'' means nothing to tsn",
                        request.conf().network(),
                        key);
            }
        }
    }

    private static Answered failure(CniException e, byte[] stdin) {
        CniVersion version = PluginConf.versionOf(stdin).orElse(CniVersion.newest());
        return new Answered(new CniAnswer(1, e.toJson(version).toString(), e.mayHeal()), e.number());
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.kube;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.cni.CniException;
import io.tsncni.kube.ApiServer.Answer;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** Pods and NetworkAttachmentDefinitions one by one, as the API server has them at this moment. */
final class LiveObjects {
    static final String NETWORK_STATUS = "k8s.v1.cni.cncf.io/network-status";

    private static final System.Logger LOG = System.getLogger(LiveObjects.class.getName());
    private static final ObjectMapper JSON =
            new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    /** A pod that a runtime speaks of should be there; an API server may be behind the others for a moment. */
    private static final Duration MISSING = Duration.ofMillis(2500);

    private static final int NOT_FOUND = HttpURLConnection.HTTP_NOT_FOUND;
    private static final int UNPROCESSABLE = 422;
    /** What an API server answers, among other reasons, to a patch that names another uid than the pod's. */
    private static final Set<Integer> PERHAPS_OTHER_UID = Set.of(HttpURLConnection.HTTP_CONFLICT, UNPROCESSABLE);

    private final ApiServer server;

    LiveObjects(ApiServer server) {
        this.server = server;
    }

    /** @param known what may have the pod before the API server answers */
    PodInfo pod(String namespace, String name, Optional<String> uid, Supplier<Optional<PodInfo>> known)
            throws CniException {
        String what = "pod " + namespace + "/" + name;
        return server.persist(what, patience -> {
            Optional<PodInfo> meanwhile = known.get();
            if (meanwhile.isPresent()) {
                return meanwhile;
            }
            Answer answer = server.get(path(namespace, name), patience);
            if (answer.code() == NOT_FOUND) {
                patience.failed("there is no such pod");
                if (patience.failingAlike().compareTo(MISSING) > 0) {
                    throw server.gaveUp(what, patience);
                }
                return Optional.empty();
            }
            PodInfo pod = object(what, answer, PodResource.class).info();
            if (!pod.isOf(uid)) {
                throw ApiServer.later(
                        what, "expected uid " + uid.orElseThrow() + ", found " + pod.uid() + " under this name");
            }
            return Optional.of(pod);
        });
    }

    Optional<NetworkAttachmentDefinition> nad(String namespace, String name) throws CniException {
        String what = "NetworkAttachmentDefinition " + namespace + "/" + name;
        String path = "/apis/k8s.cni.cncf.io/v1/namespaces/" + namespace + "/network-attachment-definitions/" + name;
        return server.persist(what, patience -> {
            Answer answer = server.get(path, patience);
            return Optional.of(
                    answer.code() == NOT_FOUND
                            ? Optional.empty()
                            : Optional.of(
                                    object(what, answer, NadResource.class).definition()));
        });
    }

    private <T> T object(String what, Answer answer, Class<T> type) throws CniException, IOException {
        if (!answer.success()) {
            throw server.refused(what, answer);
        }
        try {
            return JSON.readValue(answer.body(), type);
        } catch (JsonProcessingException e) {
            throw new IOException("not what it should be: " + e.getOriginalMessage(), e);
        }
    }

    void networkStatus(PodInfo pod, String status) throws CniException {
        String what = "network-status of pod " + pod.namespace() + "/" + pod.name();
        boolean written = server.persist(what, patience -> {
            Answer answer = server.send(
                    "PATCH",
                    path(pod.namespace(), pod.name()) + "/status",
                    "application/merge-patch+json",
                    patch(pod, status),
                    patience);
            if (answer.success()) {
                return Optional.of(true);
            }
            if (answer.code() == NOT_FOUND || PERHAPS_OTHER_UID.contains(answer.code()) && replaced(pod, patience)) {
                return Optional.of(false);
            }
            if (answer.code() == HttpURLConnection.HTTP_CONFLICT) {
                // Others write the pod too; the API server has tried some times by itself.
                throw new IOException(answer.toString());
            }
            throw server.refused(what, answer);
        });
        if (!written) {
            LOG.log(Level.INFO, "{0} is not written: the pod of uid {1} is gone", what, pod.uid());
        }
    }

    /** With the uid, which is not to be changed: so the API server refuses it for another pod of the same name. */
    private static String patch(PodInfo pod, String status) {
        ObjectNode patch = JsonNodeFactory.instance.objectNode();
        ObjectNode metadata = patch.putObject("metadata").put("uid", pod.uid());
        metadata.putObject("annotations").put(NETWORK_STATUS, status);
        return patch.toString();
    }

    private boolean replaced(PodInfo pod, Patience patience) throws IOException, InterruptedException, CniException {
        Answer answer = server.get(path(pod.namespace(), pod.name()), patience);
        return answer.code() == NOT_FOUND
                || !object("pod", answer, PodResource.class).info().uid().equals(pod.uid());
    }

    private static String path(String namespace, String pod) {
        return "/api/v1/namespaces/" + namespace + "/pods/" + pod;
    }
}

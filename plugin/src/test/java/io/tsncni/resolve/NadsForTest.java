// SPDX-License-Identifier: Apache-2.0
package io.tsncni.resolve;

import io.tsncni.cni.CniErrorCode;
import io.tsncni.cni.CniException;
import io.tsncni.kube.NetworkAttachmentDefinition;
import io.tsncni.kube.PodInfo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Definitions to be found, and the plans made of them for a pod in the namespace "plant". */
final class NadsForTest implements NadSource {
    private final Map<String, NetworkAttachmentDefinition> nads = new HashMap<>();
    private final List<String> asked = new ArrayList<>();
    private boolean away;

    /** With {@code '} for {@code "} in the configuration. */
    NadsForTest with(String namespace, String name, String config) {
        nads.put(
                namespace + "/" + name,
                new NetworkAttachmentDefinition(namespace, name, Map.of(), config.replace('\'', '"')));
        return this;
    }

    void isAway() {
        away = true;
    }

    List<String> asked() {
        return asked;
    }

    @Override
    public Optional<NetworkAttachmentDefinition> nad(String namespace, String name) throws CniException {
        asked.add(namespace + "/" + name);
        if (away) {
            throw new CniException(CniErrorCode.TRY_AGAIN_LATER, "Kubernetes: no answer");
        }
        return Optional.ofNullable(nads.get(namespace + "/" + name));
    }

    NetworkPlan plan(String conf, Map<String, String> annotations) throws CniException {
        return plan(conf, "plant", annotations);
    }

    NetworkPlan plan(String conf, String namespace, Map<String, String> annotations) throws CniException {
        Map<String, String> quoted = annotations.entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, entry -> entry.getValue().replace('\'', '"')));
        PodInfo pod = new PodInfo(namespace, "pod", "uid", quoted);
        return Networks.resolve(MetaConf.parse(Json.object(conf)), "eth0", Optional.of(pod), this);
    }

    NetworkPlan planWithoutPod(String conf) throws CniException {
        return Networks.resolve(MetaConf.parse(Json.object(conf)), "eth0", Optional.empty(), this);
    }
}

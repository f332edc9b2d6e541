// SPDX-License-Identifier: Apache-2.0
package io.tsncni.resolve;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;

/**
 * What a pod asks for with one element of its annotation. Each value is one that its plugin can be handed.
 *
 * @param path of the element, for messages: {@code k8s.v1.cni.cncf.io/networks[2]}
 * @param namespace and {@code name} of the NetworkAttachmentDefinition
 * @param interfaceRequest the interface's name
 * @param ips addresses, with or without the length of the prefix; an empty list takes away what the runtime asks for
 * @param portMappings objects of {@code hostPort}, {@code containerPort}, {@code protocol}, {@code hostIP}
 * @param bandwidth of {@code ingressRate}, {@code ingressBurst}, {@code egressRate}, {@code egressBurst}
 * @param defaultRoute gateways; an empty list asks for no default route anywhere in the pod
 */
public record NetworkSelectionElement(
        String path,
        String namespace,
        String name,
        Optional<String> interfaceRequest,
        Optional<List<String>> ips,
        Optional<String> mac,
        Optional<String> infinibandGuid,
        Optional<ArrayNode> portMappings,
        Optional<ObjectNode> bandwidth,
        Optional<String> deviceId,
        Optional<ObjectNode> cniArgs,
        Optional<List<String>> defaultRoute) {

    /** Puts what it asks for in place of what the runtime asks for. */
    void overrideIn(ObjectNode capabilityArgs) {
        ips.ifPresent(list -> list.forEach(capabilityArgs.putArray("ips")::add));
        mac.ifPresent(value -> capabilityArgs.put("mac", value));
        infinibandGuid.ifPresent(value -> capabilityArgs.put("infinibandGUID", value));
        portMappings.ifPresent(list -> capabilityArgs.set("portMappings", list));
        bandwidth.ifPresent(rates -> capabilityArgs.set("bandwidth", rates));
        deviceId.ifPresent(value -> capabilityArgs.put("deviceID", value));
        for (String key : List.of("ips", "portMappings")) {
            if (capabilityArgs.path(key).isArray() && capabilityArgs.path(key).isEmpty()) {
                capabilityArgs.remove(key);
            }
        }
    }

    /** One that only names its network, as the short form does. */
    static NetworkSelectionElement named(
            String path, String namespace, String name, Optional<String> interfaceRequest) {
        return new NetworkSelectionElement(
                path,
                namespace,
                name,
                interfaceRequest,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }
}

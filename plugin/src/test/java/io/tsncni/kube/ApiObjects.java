// SPDX-License-Identifier: Apache-2.0
package io.tsncni.kube;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/** Objects as an API server sends them, with the parts that we do not read. */
final class ApiObjects {
    private ApiObjects() {}

    static String pod(String namespace, String name, String uid, Map<String, String> annotations) {
        ObjectNode pod = object("v1", "Pod", namespace, name, annotations);
        ((ObjectNode) pod.get("metadata")).put("uid", uid);
        pod.putObject("spec")
                .put("nodeName", "worker-1")
                .putArray("containers")
                .addObject()
                .put("name", "plc");
        pod.putObject("status").put("phase", "Pending");
        return pod.toString();
    }

    static String nad(String namespace, String name, Map<String, String> annotations, String config) {
        ObjectNode nad = object("k8s.cni.cncf.io/v1", "NetworkAttachmentDefinition", namespace, name, annotations);
        nad.putObject("spec").put("config", config);
        return nad.toString();
    }

    private static ObjectNode object(
            String apiVersion, String kind, String namespace, String name, Map<String, String> annotations) {
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        object.put("apiVersion", apiVersion).put("kind", kind);
        ObjectNode metadata = object.putObject("metadata");
        metadata.put("namespace", namespace).put("name", name).put("resourceVersion", "5");
        metadata.putArray("managedFields").addObject().put("manager", "kubectl").putObject("fieldsV1");
        metadata.putObject("labels").put("app", name);
        ObjectNode written = metadata.putObject("annotations");
        annotations.forEach(written::put);
        return object;
    }
}

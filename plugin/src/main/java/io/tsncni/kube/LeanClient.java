// SPDX-License-Identifier: Apache-2.0
package io.tsncni.kube;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.impl.KubernetesClientImpl;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;

/** fabric8's client without its catalogue of API groups: a hundred classes, and the jars of their models. */
final class LeanClient extends KubernetesClientImpl {
    LeanClient(Config config, KubernetesSerialization serialization) {
        super(new JdkHttpClientFactory().newBuilder(config).build(), config, null, serialization);
    }

    @Override
    protected void registerDefaultAdapters() {
        // We use none.
    }

    @Override
    protected void registerDefaultHandlers() {
        // Our classes need none.
    }
}

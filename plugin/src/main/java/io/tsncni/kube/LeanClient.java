// SPDX-License-Identifier: Apache-2.0
package io.tsncni.kube;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.impl.KubernetesClientImpl;
import io.fabric8.kubernetes.client.internal.SSLUtils;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.Optional;
import javax.net.ssl.TrustManager;

/** fabric8's client without its catalogue of API groups: a hundred classes, and the jars of their models. */
final class LeanClient extends KubernetesClientImpl {
    private LeanClient(HttpClient http, Config config, KubernetesSerialization serialization) {
        super(http, config, null, serialization);
    }

    static LeanClient of(Config config, KubernetesSerialization serialization) throws IOException {
        Optional<TrustManager[]> authority = ClusterAuthority.of(config);
        if (authority.isPresent()) {
            // Else fabric8 reads all of the JVM's public ones at each start.
            config.setCaCertFile(null);
            config.setCaCertData(null);
        }
        try {
            HttpClient.Builder http = new JdkHttpClientFactory().newBuilder(config);
            if (authority.isPresent()) {
                http.sslContext(SSLUtils.keyManagers(config), authority.get());
            }
            return new LeanClient(http.build(), config, serialization);
        } catch (KubernetesClientException | GeneralSecurityException | IOException e) {
            throw new IOException("API server " + config.getMasterUrl() + ": " + ApiServer.reason(e), e);
        }
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

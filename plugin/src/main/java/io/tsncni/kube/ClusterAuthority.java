// SPDX-License-Identifier: Apache-2.0
package io.tsncni.kube;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.internal.CertUtils;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Optional;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/** The certificate authority of the cluster, alone: fabric8 would believe every public one too. */
final class ClusterAuthority {
    private ClusterAuthority() {}

    /** Empty if the configuration names none, or says to believe anybody. */
    static Optional<TrustManager[]> of(Config config) throws IOException {
        if (config.isTrustCerts() || config.getCaCertFile() == null && config.getCaCertData() == null) {
            return Optional.empty();
        }
        try {
            KeyStore authorities = KeyStore.getInstance(KeyStore.getDefaultType());
            authorities.load(null);
            for (Certificate certificate : CertificateFactory.getInstance("X.509")
                    .generateCertificates(
                            CertUtils.getInputStreamFromDataOrFile(config.getCaCertData(), config.getCaCertFile()))) {
                authorities.setCertificateEntry(Integer.toString(authorities.size()), certificate);
            }
            if (authorities.size() == 0) {
                throw none(config, "empty");
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(authorities);
            return Optional.of(factory.getTrustManagers());
        } catch (GeneralSecurityException e) {
            throw none(config, e.getMessage());
        }
    }

    private static IOException none(Config config, String problem) {
        String source = config.getCaCertData() == null ? config.getCaCertFile() : "certificate-authority-data";
        return new IOException(
                "API server " + config.getMasterUrl() + ": no certificate in " + source + ": " + problem);
    }
}

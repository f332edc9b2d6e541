// SPDX-License-Identifier: Apache-2.0
package io.tsncni.kube;

import io.fabric8.kubernetes.client.OAuthTokenProvider;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;

/** A token that the kubelet renews on disk every hour or so: read for each request, so that none uses an old one. */
final class TokenFile implements OAuthTokenProvider {
    private static final System.Logger LOG = System.getLogger(TokenFile.class.getName());

    private final Path file;
    private volatile String last;
    private volatile boolean unreadable;

    TokenFile(Path file) throws IOException {
        this.file = file;
        this.last = Files.readString(file).strip();
    }

    /** Throws nothing: an informer whose request fails before it is sent is never heard of again. */
    @Override
    public String getToken() {
        try {
            last = Files.readString(file).strip();
            unreadable = false;
        } catch (IOException e) {
            if (!unreadable) {
                LOG.log(Level.WARNING, "going on with an old token: {0}", e.toString());
            }
            unreadable = true;
        }
        return last;
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.kube;

import io.fabric8.kubernetes.client.OAuthTokenProvider;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Optional;

/**
 * A token that others renew on disk, as the kubelet does every hour or so: looked at for each request. fabric8 would
 * look once a minute, and a file that is just being written would end an informer for good.
 */
final class FreshToken implements OAuthTokenProvider {
    private static final System.Logger LOG = System.getLogger(FreshToken.class.getName());

    interface Source {
        Optional<String> read() throws IOException;
    }

    private final Source source;
    private volatile Optional<String> last;
    private volatile boolean unreadable;

    private FreshToken(Source source) throws IOException {
        this.source = source;
        this.last = source.read();
    }

    static FreshToken ofFile(Path file) throws IOException {
        return new FreshToken(() -> Optional.of(Files.readString(file).strip()));
    }

    /** A token written into a kubeconfig; that is much to read, so only when it has changed. */
    static FreshToken ofKubeconfig(Path file, Source parser) throws IOException {
        return new FreshToken(new Source() {
            private FileTime seen = FileTime.fromMillis(0);
            private Optional<String> token = Optional.empty();

            @Override
            public synchronized Optional<String> read() throws IOException {
                FileTime modified = Files.getLastModifiedTime(file);
                if (!modified.equals(seen)) {
                    token = parser.read();
                    seen = modified;
                }
                return token;
            }
        });
    }

    /** Null for none, as fabric8 wants it. Throws nothing: an informer whose request is never sent is lost. */
    @Override
    public String getToken() {
        try {
            last = source.read();
            unreadable = false;
        } catch (IOException e) {
            if (!unreadable) {
                LOG.log(Level.WARNING, "going on with an old token: {0}", e.toString());
            }
            unreadable = true;
        }
        return last.orElse(null);
    }
}

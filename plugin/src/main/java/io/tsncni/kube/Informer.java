// SPDX-License-Identifier: Apache-2.0
package io.tsncni.kube;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Informable;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import java.lang.System.Logger.Level;
import java.net.HttpURLConnection;
import java.util.List;
import java.util.Optional;

/** All objects of one kind, as the API server had them last; it keeps itself up to date, and connects again by itself. */
final class Informer<T extends Trimmed> implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Informer.class.getName());

    interface Listener<T> {
        void appeared(T object);

        void changed(T before, T object);

        void gone(T object);
    }

    private final String plural;
    private final SharedIndexInformer<T> informer;
    private volatile String failure = "";
    private volatile boolean unknownToServer;
    private volatile boolean closed;

    Informer(String plural, Informable<T> resources, Listener<T> listener) {
        this.plural = plural;
        // 0: no resync, which would tell the listener again what it knows.
        this.informer = resources.runnableInformer(0);
        informer.exceptionHandler((started, problem) -> failed(problem));
        informer.addEventHandler(new Handler(listener));
    }

    /** Returns at once; the first list may come much later. */
    Informer<T> start() {
        informer.start();
        return this;
    }

    boolean listed() {
        return informer.hasSynced();
    }

    /** Whether the API server has no such kind, as without its CustomResourceDefinition: then there is none of it. */
    boolean unknownToServer() {
        return unknownToServer;
    }

    /** Why it has not listed yet. */
    String failure() {
        return failure;
    }

    Optional<T> get(String namespace, String name) {
        return Optional.ofNullable(informer.getIndexer().getByKey(Cache.namespaceKeyFunc(namespace, name)));
    }

    List<T> all() {
        return informer.getIndexer().list();
    }

    List<T> in(String namespace) {
        return informer.getIndexer().byIndex(Cache.NAMESPACE_INDEX, namespace);
    }

    @Override
    public void close() {
        closed = true;
        informer.close();
    }

    /** True, which is to try again: after some seconds at most. Each reason is logged once, not each time. */
    private boolean failed(Throwable problem) {
        if (closed) {
            return false;
        }
        String reason = ApiServer.reason(problem);
        unknownToServer = code(problem) == HttpURLConnection.HTTP_NOT_FOUND;
        if (!reason.equals(failure)) {
            failure = reason;
            LOG.log(Level.WARNING, "cannot follow {0}, and goes on trying: {1}", plural, reason);
        }
        return true;
    }

    private static int code(Throwable problem) {
        for (Throwable cause = problem; cause != null; cause = cause.getCause()) {
            if (cause instanceof KubernetesClientException api && api.getCode() > 0) {
                return api.getCode();
            }
        }
        return 0;
    }

    private final class Handler implements ResourceEventHandler<T> {
        private final Listener<T> listener;

        private Handler(Listener<T> listener) {
            this.listener = listener;
        }

        @Override
        public void onList(String resourceVersion, boolean remainedEmpty) {
            if (!failure.isEmpty()) {
                LOG.log(Level.INFO, "follows {0} now", plural);
            }
            failure = "";
        }

        @Override
        public void onAdd(T object) {
            listener.appeared(object);
        }

        @Override
        public void onUpdate(T before, T object) {
            listener.changed(before, object);
        }

        @Override
        public void onDelete(T object, boolean lastStateUnknown) {
            listener.gone(object);
        }
    }
}

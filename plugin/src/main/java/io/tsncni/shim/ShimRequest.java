// SPDX-License-Identifier: Apache-2.0
package io.tsncni.shim;

import io.tsncni.linux.libc.Fd;
import io.tsncni.linux.libc.LibC;
import io.tsncni.linux.netns.HandedNetns;
import io.tsncni.linux.netns.NetworkNamespace;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A REQUEST: the shim's whole environment, its stdin, and its CNI_NETNS as a descriptor.
 *
 * @param exec runs programs there until the answer is given
 */
public record ShimRequest(Map<String, String> environment, byte[] stdin, HandedNetns netns, Exec exec)
        implements AutoCloseable {

    /** @param descriptor what came by SCM_RIGHTS; closed here if it is of no use */
    static ShimRequest decode(byte[] payload, Optional<Fd> descriptor, Exec exec) throws IOException {
        try {
            Payload from = new Payload(payload);
            int protocol = from.number();
            if (protocol != Frame.PROTOCOL) {
                throw new IOException("the shim speaks protocol " + protocol + ", this agent " + Frame.PROTOCOL
                        + ": install the shim that came with the agent");
            }
            int netns = from.number();
            int count = from.number();
            if (count < 0 || count > Frame.ENV_MAX) {
                throw new IOException(
                        Integer.toUnsignedString(count) + " environment variables, at most " + Frame.ENV_MAX);
            }
            Map<String, String> environment = new LinkedHashMap<>();
            for (int i = 0; i < count; i++) {
                String[] variable = from.text().split("=", 2);
                environment.put(variable[0], variable.length == 2 ? variable[1] : "");
            }
            byte[] stdin = from.blob();
            from.end();
            return new ShimRequest(environment, stdin, netns(netns, descriptor), exec);
        } catch (IOException e) {
            descriptor.ifPresent(Fd::close);
            throw e;
        }
    }

    /**
     * Of a request that was kept, for which nobody holds the namespace: the one of that name, if it is there. A name by
     * a process is none, its number may be another's by now.
     */
    ShimRequest withNamedNetns() throws IOException {
        String path = environment.getOrDefault("CNI_NETNS", "");
        if (path.isEmpty() || path.startsWith("/proc/")) {
            return new ShimRequest(environment, stdin, new HandedNetns.Unopened("not known any more"), exec);
        }
        Optional<NetworkNamespace> namespace = NetworkNamespace.named(path);
        HandedNetns netns = namespace.isPresent()
                ? new HandedNetns.Open(namespace.get())
                : new HandedNetns.Unopened("the pod is gone, or its namespace is not to be seen by the agent");
        return new ShimRequest(environment, stdin, netns, exec);
    }

    private static HandedNetns netns(int code, Optional<Fd> descriptor) throws IOException {
        if (descriptor.isPresent()) {
            Optional<NetworkNamespace> namespace = NetworkNamespace.of(descriptor.get());
            return namespace.isPresent() ? new HandedNetns.Open(namespace.get()) : new HandedNetns.NoNamespace();
        }
        return switch (code) {
            case 0 -> throw new IOException("the request announces a descriptor, and none came");
            case Frame.NETNS_UNSET -> new HandedNetns.Unset();
            default -> new HandedNetns.Unopened(LibC.strerror(code));
        };
    }

    @Override
    public void close() {
        netns.close();
    }
}

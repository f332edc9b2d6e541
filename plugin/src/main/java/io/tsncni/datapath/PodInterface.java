// SPDX-License-Identifier: Apache-2.0
package io.tsncni.datapath;

import io.tsncni.linux.netlink.Link;
import io.tsncni.linux.netlink.RouteSocket;
import io.tsncni.linux.netns.NetworkNamespace;
import java.io.IOException;
import java.util.Optional;

/**
 * An interface of a pod, as seen from both ends.
 *
 * @param link in the pod's namespace
 * @param netnsInode that namespace
 * @param peerIndex the host-side end of its veth or netkit pair in our namespace; 0 if it has none there
 */
public record PodInterface(Link link, long netnsInode, int peerIndex) {
    public static Optional<PodInterface> find(NetworkNamespace namespace, String name) throws IOException {
        Optional<Link> link = namespace.call(() -> RouteSocket.link(name));
        if (link.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new PodInterface(link.get(), namespace.inode(), peerIndex(link.get())));
    }

    /** Whether its packets reach the NIC with their priority: macvlan, ipvlan and host-device cross no border. */
    public boolean keepsPriority() {
        return !link.isPair();
    }

    private static int peerIndex(Link pod) throws IOException {
        if (!pod.isPair() || !pod.peerElsewhere()) {
            return 0;
        }
        return RouteSocket.links().stream()
                .filter(host -> host.index() == pod.peerIndex() && host.isPair() && host.peerIndex() == pod.index())
                .mapToInt(Link::index)
                .findFirst()
                .orElse(0);
    }
}

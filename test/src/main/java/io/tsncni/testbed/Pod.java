// SPDX-License-Identifier: Apache-2.0
package io.tsncni.testbed;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;

/** A network namespace that a {@link CniRuntime} has attached, and applications in it. */
public final class Pod implements Talker, AutoCloseable {
    private final Path talker;
    private final PodNetns netns;
    private final Attachment attachment;
    private final CniRuntime runtime;
    private final ObjectNode result;
    private boolean attached = true;

    private Pod(Path talker, PodNetns netns, Attachment attachment, CniRuntime runtime, ObjectNode result) {
        this.talker = talker;
        this.netns = netns;
        this.attachment = attachment;
        this.runtime = runtime;
        this.result = result;
    }

    /** ADD; if that fails the namespace goes away again, after the DEL that a runtime owes. */
    static Pod add(String name, CniRuntime runtime, String cniArgs, Artifacts artifacts) {
        PodNetns netns = PodNetns.create(name);
        Attachment attachment = new Attachment(netns.name(), netns).args(cniArgs);
        try {
            return new Pod(artifacts.talker(), netns, attachment, runtime, runtime.add(attachment));
        } catch (RuntimeException e) {
            try (netns) {
                runtime.del(attachment);
            } catch (RuntimeException alsoDel) {
                e.addSuppressed(alsoDel);
            }
            throw e;
        }
    }

    public PodNetns netns() {
        return netns;
    }

    public Attachment attachment() {
        return attachment;
    }

    public CniRuntime runtime() {
        return runtime;
    }

    /** What the last plugin of the list answered to ADD. */
    public ObjectNode result() {
        return result.deepCopy();
    }

    /** The pod's IPv4 address. */
    public String address() {
        for (JsonNode ip : result.path("ips")) {
            String address = ip.path("address").asText();
            if (address.contains(".")) {
                return address.substring(0, address.indexOf('/'));
            }
        }
        throw new IllegalStateException("no IPv4 address in " + result);
    }

    @Override
    public Sent talk(String... arguments) {
        return Sent.parse(talker(arguments).run());
    }

    /** A talker for the background; its {@code stop()} makes it say what it sent. */
    public Background startTalking(String... arguments) {
        return talker(arguments).start();
    }

    public Shell talker(String... arguments) {
        return netns.command(talker.toString()).and(arguments);
    }

    public void del() {
        runtime.del(attachment);
        attached = false;
    }

    @Override
    public String toString() {
        return netns.name();
    }

    @Override
    public void close() {
        try (netns) {
            if (attached) {
                del();
            }
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.shim;

import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * EXEC round trips of one conversation. Of the threads that wait for a result one reads for all; so nobody reads once
 * the last has its own, and the conversation can end.
 */
final class ShimExec implements Exec {
    private final Peer peer;
    private final Set<Integer> running = new HashSet<>();
    private final Map<Integer, Result> results = new HashMap<>();
    private int lastId;
    private boolean reading;
    private IOException broken;

    /** The shim's end of the conversation. */
    interface Peer {
        void write(byte[] frame) throws IOException;

        /** Waits as long as a program may take. */
        Frame read() throws IOException;
    }

    ShimExec(Peer peer) {
        this.peer = peer;
    }

    @Override
    public Result run(String path, Map<String, String> environment, byte[] stdin) throws IOException {
        int id = send(path, environment, stdin);
        while (true) {
            synchronized (this) {
                while (reading && broken == null && !results.containsKey(id)) {
                    await();
                }
                if (results.containsKey(id)) {
                    return results.remove(id);
                }
                if (broken != null) {
                    throw new IOException(path + " runs unwatched, the shim is gone: " + broken.getMessage(), broken);
                }
                reading = true;
            }
            readOne();
        }
    }

    private void await() throws IOException {
        try {
            wait();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while programs run", e);
        }
    }

    private void readOne() {
        IOException failure = null;
        Frame frame = null;
        try {
            frame = peer.read();
        } catch (IOException e) {
            failure = e;
        }
        synchronized (this) {
            reading = false;
            try {
                if (failure != null) {
                    throw failure;
                }
                keep(frame);
            } catch (IOException e) {
                broken = e;
            }
            notifyAll();
        }
    }

    private void keep(Frame frame) throws IOException {
        if (frame.type() != Frame.EXEC_RESULT) {
            throw new IOException("expected an EXEC_RESULT, got a frame of type " + frame.type());
        }
        Payload payload = new Payload(frame.payload());
        int id = payload.number();
        Result result = new Result(payload.number(), payload.blob(), payload.blob());
        payload.end();
        if (!running.remove(id)) {
            throw new IOException("the shim answered an EXEC of id " + id + ", which is not under way");
        }
        results.put(id, result);
    }

    private synchronized int send(String path, Map<String, String> environment, byte[] stdin) throws IOException {
        if (broken != null) {
            throw new IOException(path + " was not run, the shim is gone: " + broken.getMessage(), broken);
        }
        PayloadWriter exec = new PayloadWriter();
        exec.number(++lastId).text(path).number(environment.size());
        environment.forEach((name, value) -> exec.text(name + "=" + value));
        exec.blob(stdin);
        byte[] frame = new Frame(Frame.EXEC, exec.bytes()).bytes();
        if (frame.length > Frame.MAX) {
            throw new IOException(path + ": its environment and stdin are over " + Frame.MAX + " bytes");
        }
        try {
            peer.write(frame);
        } catch (IOException e) {
            // Part of a frame may be out: nothing that follows could be understood.
            broken = e;
            throw e;
        }
        running.add(lastId);
        return lastId;
    }
}

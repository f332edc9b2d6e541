// SPDX-License-Identifier: Apache-2.0
package io.tsncni.agent;

import io.tsncni.cni.CniErrorCode;
import io.tsncni.cni.CniException;
import io.tsncni.delegate.Delegate;
import io.tsncni.delegate.Plugins;
import io.tsncni.delegate.RuntimeConf;
import io.tsncni.state.AttachmentRecord.DelegateRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;

/**
 * The networks that other plugins attach to one container.
 *
 * @param directories where plugins are looked for
 */
record DelegatedNetworks(Plugins plugins, List<String> directories, String containerId, String netns) {
    /** The shim runs 32 plugins at once. */
    private static final int AT_ONCE = 16;

    /**
     * Attaches the first.
     *
     * @param started gets each network before its ADD, and its result after it: some plugins' DEL goes by that
     */
    DelegateRecord addMaster(List<DelegateRecord> networks, List<DelegateRecord> started) throws CniException {
        started.add(networks.get(0));
        return add(networks.get(0), started);
    }

    /**
     * Attaches the others, at once or in order. The first failure in their order is thrown.
     *
     * @return each with its result, the master before them
     */
    List<DelegateRecord> addOthers(
            DelegateRecord master, List<DelegateRecord> networks, boolean parallel, List<DelegateRecord> started)
            throws CniException {
        List<DelegateRecord> added = new ArrayList<>(List.of(master));
        List<DelegateRecord> others = networks.subList(1, networks.size());
        if (parallel && others.size() > 1) {
            started.addAll(others);
            added.addAll(addAtOnce(others, started));
        } else {
            for (DelegateRecord network : others) {
                started.add(network);
                added.add(add(network, started));
            }
        }
        return added;
    }

    private List<DelegateRecord> addAtOnce(List<DelegateRecord> networks, List<DelegateRecord> started)
            throws CniException {
        ExecutorService threads = Executors.newFixedThreadPool(Math.min(networks.size(), AT_ONCE));
        try {
            List<Future<DelegateRecord>> running = networks.stream()
                    .map(network -> threads.submit(() -> add(network, started)))
                    .toList();
            List<DelegateRecord> added = new ArrayList<>();
            Optional<CniException> failure = Optional.empty();
            for (Future<DelegateRecord> one : running) {
                try {
                    added.add(one.get());
                } catch (ExecutionException e) {
                    // The others run on; all must have ended before anything is taken back.
                    CniException refused = e.getCause() instanceof CniException own
                            ? own
                            : new CniException(CniErrorCode.INTERNAL, "a defect of tsn-cni: " + e, e.getCause());
                    failure.ifPresent(first -> first.addSuppressed(refused));
                    failure = failure.or(() -> Optional.of(refused));
                }
            }
            if (failure.isPresent()) {
                throw failure.get();
            }
            return added;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while networks are attached", e);
        } finally {
            threads.shutdown();
        }
    }

    private DelegateRecord add(DelegateRecord network, List<DelegateRecord> started) throws CniException {
        try {
            DelegateRecord added = network.with(delegate(network).add(runtime(network)));
            started.replaceAll(one -> one.ifName().equals(network.ifName()) ? added : one);
            return added;
        } catch (CniException e) {
            throw inNetwork(network, e);
        }
    }

    /** In reverse order; all are tried, and the failures thrown as one, under the first one's code. */
    void del(List<DelegateRecord> networks) throws CniException {
        List<CniException> failures = new ArrayList<>();
        for (int i = networks.size() - 1; i >= 0; i--) {
            DelegateRecord network = networks.get(i);
            try {
                delegate(network).del(runtime(network), network.result());
            } catch (CniException e) {
                failures.add(inNetwork(network, e));
            }
        }
        if (failures.size() == 1) {
            throw failures.get(0);
        }
        if (!failures.isEmpty()) {
            throw CniException.ofPlugin(
                    failures.get(0).number(),
                    failures.stream().map(CniException::getMessage).collect(Collectors.joining(" / ")),
                    failures.stream().map(CniException::details).collect(Collectors.joining(" / ")));
        }
    }

    /** The first that something is wrong with. */
    void check(List<DelegateRecord> networks) throws CniException {
        for (DelegateRecord network : networks) {
            if (network.result().isPresent()) {
                try {
                    delegate(network).check(runtime(network), network.result().get());
                } catch (CniException e) {
                    throw inNetwork(network, e);
                }
            }
        }
    }

    /** For a container that is gone, and its namespace with it: a path may be another's by now. */
    DelegatedNetworks of(String otherContainerId) {
        return new DelegatedNetworks(plugins, directories, otherContainerId, "");
    }

    Delegate delegate(DelegateRecord network) {
        return new Delegate(plugins, network.list(), network.cniVersion(), directories);
    }

    private RuntimeConf runtime(DelegateRecord network) {
        return new RuntimeConf(containerId, netns, network.ifName(), network.cniArgs(), network.capabilityArgs());
    }

    /** The plugin's code and message stay what they are; which network it was is said in the details. */
    private static CniException inNetwork(DelegateRecord network, CniException e) {
        String where = "network " + network.name() + ", interface " + network.ifName();
        return CniException.ofPlugin(
                e.number(), e.getMessage(), e.details().isEmpty() ? where : where + ": " + e.details());
    }
}

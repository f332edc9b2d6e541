// SPDX-License-Identifier: Apache-2.0
package io.tsncni.testbed;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where the build has put things: {@code dist} is the product, {@code build} is this module's target directory. */
public record Artifacts(Path dist, Path build) {

    /** As failsafe and the demo's script set them. */
    public static Artifacts fromSystemProperties() {
        return new Artifacts(directory("tsn.dist"), directory("tsn.build"));
    }

    /** The same product with other BPF programs, as another version has them, put together in that directory. */
    public Artifacts otherVersion(Path directory) {
        Shell.run(
                "cp",
                "-r",
                dist.resolve("bin").toString(),
                directory.resolve("bin").toString());
        Shell.run(
                "ln",
                "-s",
                dist.resolve("lib").toString(),
                directory.resolve("lib").toString());
        Shell.run(
                "ln",
                "-s",
                built(build.resolve("c/other")).toString(),
                directory.resolve("bpf").toString());
        return new Artifacts(directory, build);
    }

    public Path shim() {
        return built(dist.resolve("bin/tsn"));
    }

    public Path tsnd() {
        return built(dist.resolve("bin/tsnd"));
    }

    public Path tsnctl() {
        return built(dist.resolve("bin/tsnctl"));
    }

    public Path talker() {
        return built(build.resolve("c/talker"));
    }

    public Path pause() {
        return built(build.resolve("c/pause"));
    }

    /** A CNI plugin that does nothing. */
    public Path answer() {
        return built(build.resolve("c/answer"));
    }

    public Path stopwatch() {
        return built(build.resolve("c/stopwatch"));
    }

    public Path sender() {
        return built(build.resolve("c/sender"));
    }

    public Path crowd() {
        return built(build.resolve("c/crowd"));
    }

    /** What test/cluster/build-kubernetes has made. */
    public Path kubernetes() {
        return directory("tsn.kubernetes");
    }

    /** One of the manifests in deploy/. */
    public Path manifest(String name) {
        return built(dist.resolveSibling("deploy").resolve(name));
    }

    /** One of the files in nad-examples/. */
    public Path example(String name) {
        return built(dist.resolveSibling("nad-examples").resolve(name));
    }

    /** A BPF object of this module, compiled from {@code src/main/bpf/NAME.bpf.c} or {@code bench/NAME.bpf.c}. */
    public Path bpf(String name) {
        return built(build.resolve("c/" + name + ".bpf.o"));
    }

    private static Path directory(String property) {
        String value = System.getProperty(property);
        if (value == null) {
            throw new IllegalStateException("system property " + property + " is not set: it names a build directory");
        }
        return Path.of(value).toAbsolutePath().normalize();
    }

    private static Path built(Path file) {
        if (!Files.exists(file)) {
            throw new IllegalStateException(file + " is not there: build first (./tsn build)");
        }
        return file;
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.install;

import java.io.IOException;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.state.Action;
import net.jqwik.api.state.ActionChain;
import net.jqwik.api.state.Transformer;

/**
 * Whatever primary plugins and we do to the directory, in whatever order, and wherever we crash: nobody who looks finds
 * a file that we have broken or no network where there is one; an installation that comes to its end leaves our entry
 * once, in the network that pods get; and a removal leaves what would be there without us.
 */
class InstallerPropertyTest {
    private static final List<String> NAMES =
            List.of("05-a.conflist", "10-b.conf", "10-b.conflist", "20-c.json", "30-d.conflist");

    @AfterContainer
    static void removeAll() throws IOException {
        SharedDirectory.removeAll();
    }

    @Property(tries = 120)
    void theDirectoryIsRightWhateverHappens(@ForAll("histories") ActionChain<SharedDirectory> history)
            throws Exception {
        try (SharedDirectory directory = history.run()) {
            directory.install("tsn0");
            directory.assertInstalled("tsn0");
            directory.uninstall();
            directory.assertUntouched();
        }
    }

    @Provide
    Arbitrary<ActionChain<SharedDirectory>> histories() {
        return ActionChain.startWith(SharedDirectory::create)
                .withAction(4, new Write())
                .withAction(1, new Delete())
                .withAction(1, new Remake())
                .withAction(3, new Install())
                .withAction(3, new Crash())
                .withAction(3, new Race())
                .withAction(2, new Uninstall())
                .withMaxTransformations(16);
    }

    private static Arbitrary<String> names() {
        return Arbitraries.of(NAMES);
    }

    /** Ours; another's word for it is an upgrade with other settings. */
    private static Arbitrary<String> nics() {
        return Arbitraries.of("tsn0", "tsn1");
    }

    private interface Step {
        void run(SharedDirectory directory) throws Exception;
    }

    private static Transformer<SharedDirectory> step(String what, Step step) {
        return Transformer.mutate(what, directory -> {
            try {
                step.run(directory);
            } catch (Exception e) {
                throw new AssertionError(what, e);
            }
        });
    }

    /** The primary plugin's, or the operator's: a good configuration, one that is not, or half of one. */
    private static final class Write implements Action.Independent<SharedDirectory> {
        @Override
        public Arbitrary<Transformer<SharedDirectory>> transformer() {
            return Combinators.combine(
                            names(),
                            Arbitraries.of(Written.values()),
                            Arbitraries.integers().between(0, 9))
                    .as((name, what, n) ->
                            step("write " + what + " " + n + " to " + name, to -> to.write(name, what.text(name, n))));
        }
    }

    private static final class Delete implements Action.Independent<SharedDirectory> {
        @Override
        public Arbitrary<Transformer<SharedDirectory>> transformer() {
            return names().map(name -> step("delete " + name, from -> from.delete(name)));
        }
    }

    /** The directory goes, and comes again without anything in it. */
    private static final class Remake implements Action.Independent<SharedDirectory> {
        @Override
        public Arbitrary<Transformer<SharedDirectory>> transformer() {
            return Arbitraries.just(step("make the directory anew", SharedDirectory::remake));
        }
    }

    private static final class Install implements Action.Independent<SharedDirectory> {
        @Override
        public Arbitrary<Transformer<SharedDirectory>> transformer() {
            return nics().map(nic -> step("install " + nic, directory -> {
                directory.install(nic);
                directory.assertInstalled(nic);
            }));
        }
    }

    private static final class Uninstall implements Action.Independent<SharedDirectory> {
        @Override
        public Arbitrary<Transformer<SharedDirectory>> transformer() {
            return Arbitraries.just(step("uninstall", directory -> {
                directory.uninstall();
                directory.assertUntouched();
            }));
        }
    }

    private static final class Crash implements Action.Independent<SharedDirectory> {
        @Override
        public Arbitrary<Transformer<SharedDirectory>> transformer() {
            return Combinators.combine(
                            nics(),
                            Arbitraries.of(true, false),
                            Arbitraries.integers().between(0, 12))
                    .as((nic, install, at) -> step(
                            (install ? "install " + nic : "uninstall") + " crashes at step " + at,
                            directory -> directory.crash(at, install, nic)));
        }
    }

    /** The primary plugin writes while we do, and most of the time what we are at. */
    private static final class Race implements Action.Independent<SharedDirectory> {
        @Override
        public Arbitrary<Transformer<SharedDirectory>> transformer() {
            return Combinators.combine(
                            nics(),
                            names().optional(0.3),
                            Arbitraries.of(Written.values()),
                            Arbitraries.integers().between(0, 9))
                    .as((nic, elsewhere, what, at) -> step(
                            "install " + nic + " while " + what + " is written to "
                                    + elsewhere.orElse("the first network") + " at step " + at,
                            directory -> {
                                String name = elsewhere.orElse(directory.first());
                                directory.race(at, nic, name, what.text(name, at));
                            }));
        }
    }

    /** What others write. */
    private enum Written {
        ONE_LINE,
        INDENTED,
        TABS,
        OLD_VERSION,
        WITH_TSN,
        HALF,
        EMPTY,
        ANOTHER_KIND;

        String text(String name, int n) {
            boolean list = name.endsWith(".conflist");
            String lan = "'cniVersion': '%s', 'name': 'lan%d'".formatted(this == OLD_VERSION ? "0.2.0" : "1.0.0", n);
            String bridge = "'type': 'bridge', 'mtu': 1.50e3";
            String tsn = ", {'type': 'tsn', 'egress': 'mine'}";
            String inLine = list
                    ? "{" + lan + ", 'plugins': [{" + bridge + "}" + (this == WITH_TSN ? tsn : "") + "]}"
                    : "{" + lan + ", " + (this == WITH_TSN ? "'type': 'tsn'" : bridge) + "}";
            String inLines = list
                    ? "{\n  " + lan + ",\n  'plugins': [\n    {\n      " + bridge + "\n    }\n  ]\n}\n"
                    : "{\n  " + lan + ",\n  " + bridge + "\n}\n";
            String text =
                    switch (this) {
                        case ONE_LINE, OLD_VERSION, WITH_TSN -> inLine;
                        case INDENTED -> inLines;
                        case TABS -> inLines.replace("  ", "\t");
                        case HALF -> inLine.substring(0, inLine.length() / 2);
                        case EMPTY -> "";
                        // A list where a plain configuration is expected, and the reverse.
                        case ANOTHER_KIND -> ONE_LINE.text(list ? "x.conf" : "x.conflist", n);
                    };
            return text.replace('\'', '"');
        }
    }
}

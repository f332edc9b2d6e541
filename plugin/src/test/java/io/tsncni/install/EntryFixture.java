// SPDX-License-Identifier: Apache-2.0
package io.tsncni.install;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.install.ChainedEntry.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A directory of configurations, and our entry to be put into it. */
record EntryFixture(Path directory, ChainedEntry entry) {
    static final String LIST =
            "{'cniVersion': '1.0.0', 'name': 'lan', 'plugins': [{'type': 'bridge'}]}".replace('\'', '"');
    static final String ENTRY = ", {'type': 'tsn', 'egress': 'tsn0', 'installedBy': 'tsnd'}".replace('\'', '"');
    static final String WITH_ENTRY = LIST.replace("]}", ENTRY + "]}");
    static final String PLAIN =
            "{\n  'name': 'lan',\n  'cniVersion': '0.4.0',\n  'type': 'bridge'\n}\n".replace('\'', '"');

    static EntryFixture in(Path temporary) throws IOException {
        Path directory = Files.createDirectory(temporary.resolve("net.d"));
        return new EntryFixture(directory, new ChainedEntry(directory, new HostFiles()));
    }

    static ObjectNode keys(String nic) {
        return JsonNodeFactory.instance.objectNode().put("egress", nic);
    }

    Path file(String name) {
        return directory.resolve(name);
    }

    Path write(String name, String text) throws IOException {
        return Files.writeString(file(name), text.replace('\'', '"'));
    }

    String read(String name) throws IOException {
        return Files.readString(file(name));
    }

    List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    void assertInserted(String name, boolean wrote) throws IOException {
        assertEquals(new Outcome(new EntryState.Inserted(file(name)), wrote), entry.ensure(keys("tsn0")));
    }

    String whyMissing() throws IOException {
        Outcome outcome = entry.ensure(keys("tsn0"));
        assertFalse(outcome.wrote());
        return assertInstanceOf(EntryState.Missing.class, outcome.state()).why();
    }
}

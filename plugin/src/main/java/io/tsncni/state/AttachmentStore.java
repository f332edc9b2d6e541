// SPDX-License-Identifier: Apache-2.0
package io.tsncni.state;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import io.tsncni.cni.AttachmentKey;
import io.tsncni.cni.CniErrorCode;
import io.tsncni.cni.CniException;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * The records on disk, one file an attachment, and the same in memory. A write is on disk when it returns (temporary
 * file, fsync, rename, fsync of the directory), so a crash leaves the old record or the new one.
 */
public final class AttachmentStore {
    private static final System.Logger LOG = System.getLogger(AttachmentStore.class.getName());
    private static final ObjectMapper MAPPER = new ObjectMapper()
            .registerModule(new Jdk8Module().configureReadAbsentAsNull(true))
            .enable(
                    DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES,
                    DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES);
    private static final String SUFFIX = ".json";

    /** Beside a record: a DEL of it runs programs, so a shim without an agent must not put it aside. */
    private static final String DELEGATES = ".delegates";

    private final Path directory;
    private final Map<AttachmentKey, AttachmentRecord> records = new ConcurrentHashMap<>();

    private AttachmentStore(Path directory) {
        this.directory = directory;
    }

    /** Reads every record. One that cannot be read is kept aside, for a person to look at. */
    public static AttachmentStore open(Path stateDir) throws IOException {
        Path directory = stateDir.resolve("attachments");
        Files.createDirectories(
                directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        AttachmentStore store = new AttachmentStore(directory);
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                store.load(file);
            }
        }
        store.removeStrayMarkers();
        return store;
    }

    private void load(Path file) throws IOException {
        if (file.toString().endsWith(".tmp")) {
            Files.delete(file);
            return;
        }
        if (!file.toString().endsWith(SUFFIX)) {
            return;
        }
        try {
            JsonNode json = MAPPER.readTree(file.toFile());
            int version = json.path("version").asInt();
            if (version > AttachmentRecord.CURRENT_VERSION) {
                throw new IOException(file + " has record version " + version + ", this agent knows "
                        + AttachmentRecord.CURRENT_VERSION + ": start the newer agent that wrote it");
            }
            if (!json.isObject()) {
                throw new JsonMappingException(null, "expected an object");
            }
            AttachmentRecord record = MAPPER.treeToValue(json, AttachmentRecord.class);
            records.put(record.key(), record);
        } catch (JsonProcessingException e) {
            Path aside = file.resolveSibling(file.getFileName() + ".corrupt");
            Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
            LOG.log(Level.ERROR, "unreadable record kept as {0}: {1}", aside, e.getOriginalMessage());
        }
    }

    private void removeStrayMarkers() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString();
                if (name.endsWith(DELEGATES)
                        && !Files.exists(
                                file.resolveSibling(name.substring(0, name.length() - DELEGATES.length()) + SUFFIX))) {
                    Files.delete(file);
                }
            }
        }
    }

    public Optional<AttachmentRecord> find(AttachmentKey key) {
        return Optional.ofNullable(records.get(key));
    }

    public Collection<AttachmentRecord> all() {
        return List.copyOf(records.values());
    }

    /** The NICs that any attachment sends through. */
    public Set<String> egress() {
        Set<String> nics = new TreeSet<>();
        records.values().forEach(record -> record.saver().ifPresent(saver -> nics.addAll(saver.egress())));
        return nics;
    }

    public void put(AttachmentRecord record) throws CniException {
        Path file = file(record.key());
        Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
        try {
            if (!record.delegates().isEmpty() && !Files.exists(marker(record.key()))) {
                Files.createFile(
                        marker(record.key()),
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            }
            try (FileChannel channel = FileChannel.open(
                    temporary,
                    Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
                ByteBuffer bytes = ByteBuffer.wrap(MAPPER.writeValueAsBytes(record));
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
            syncDirectory();
        } catch (IOException e) {
            discard(temporary);
            if (!Files.exists(file)) {
                discard(marker(record.key()));
            }
            throw failure("write", file, e);
        }
        records.put(record.key(), record);
    }

    public void remove(AttachmentKey key) throws CniException {
        try {
            if (Files.deleteIfExists(file(key))) {
                syncDirectory();
            }
            Files.deleteIfExists(marker(key));
        } catch (IOException e) {
            throw failure("remove", file(key), e);
        }
        records.remove(key);
    }

    private Path file(AttachmentKey key) {
        return directory.resolve(key.fileName() + SUFFIX);
    }

    private Path marker(AttachmentKey key) {
        return directory.resolve(key.fileName() + DELEGATES);
    }

    private void syncDirectory() throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static void discard(Path unneeded) {
        try {
            Files.deleteIfExists(unneeded);
        } catch (IOException e) {
            LOG.log(Level.WARNING, "left behind until the next start: {0}", unneeded);
        }
    }

    private static CniException failure(String what, Path file, IOException cause) {
        return new CniException(
                CniErrorCode.IO_FAILURE, "cannot " + what + " the record " + file + ": " + cause, cause);
    }
}

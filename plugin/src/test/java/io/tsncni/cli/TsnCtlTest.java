// SPDX-License-Identifier: Apache-2.0
package io.tsncni.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.tsncni.shim.Frame;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The commands, with an agent that gives one answer. */
@Timeout(10)
class TsnCtlTest {
    private static final String STATUS =
            """
            {"attachments": [
              {"containerId": "aa11", "ifName": "eth0", "counters": {"from": {"1": 11}}},
              {"containerId": "aa22", "ifName": "eth0", "counters": {"from": {"2": 22}}},
              {"containerId": "aa22", "ifName": "net1", "counters": {"from": {"3": 33}}},
              {"containerId": "bb33", "ifName": "eth0", "counters": {"from": {"4": 44}}},
              {"containerId": "bb3", "ifName": "eth0", "counters": {"from": {"5": 55}}}]}
            """;

    @TempDir
    private Path directory;

    private ServerSocketChannel listener;
    private final PrintStream stdout = System.out;
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    @BeforeEach
    void listen() throws IOException {
        listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        listener.bind(UnixDomainSocketAddress.of(socket()));
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void close() throws IOException {
        System.setOut(stdout);
        listener.close();
    }

    private Path socket() {
        return directory.resolve("s");
    }

    /** Answers one query. */
    private void answer(int exit, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        byte[] payload = ByteBuffer.allocate(8 + bytes.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(exit)
                .putInt(bytes.length)
                .put(bytes)
                .array();
        agent(new Frame(Frame.RESULT, payload).bytes());
    }

    private void agent(byte[] answer) {
        new Thread(() -> {
                    try (SocketChannel peer = listener.accept()) {
                        ByteBuffer query = ByteBuffer.allocate(8 + 4 + "status".length());
                        while (query.hasRemaining() && peer.read(query) >= 0) {}
                        peer.write(ByteBuffer.wrap(answer));
                    } catch (IOException e) {
                        throw new IllegalStateException(e);
                    }
                })
                .start();
    }

    private String run(String... arguments) {
        CommandLine commandLine = new CommandLine(new TsnCtl());
        commandLine.setExecutionExceptionHandler((e, command, parsed) -> {
            printed.writeBytes(e.getMessage().getBytes(StandardCharsets.UTF_8));
            return 1;
        });
        String[] all = new String[arguments.length + 2];
        all[0] = "--socket";
        all[1] = socket().toString();
        System.arraycopy(arguments, 0, all, 2, arguments.length);
        commandLine.execute(all);
        return printed.toString(StandardCharsets.UTF_8);
    }

    @Test
    void statusForScriptsIsWhatTheAgentSaid() throws IOException {
        answer(0, STATUS);
        ObjectMapper mapper = new ObjectMapper();
        assertEquals(mapper.readTree(STATUS), mapper.readTree(run("status", "-o", "json")));
    }

    /** The attachment, and the one number of its counters. */
    @ParameterizedTest
    @CsvSource({
        "aa11, 11",
        "aa1, 11",
        "bb33, 44",
        "bb3, 55",
        "aa22:eth0, 22",
        "aa22:net1, 33",
        "aa2:net1, 33",
        "bb33:eth0, 44"
    })
    void countersFindsAnAttachmentByTheBeginningOfItsContainer(String which, String number) {
        answer(0, STATUS);
        assertTrue(run("counters", which).matches("(?s).*\\b" + number + "\\b.*"), printed.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"aa", "aa22", "bb", "cc", "aa22:eth", "aa11:net1"})
    void countersListsTheAttachmentsWhenNotExactlyOneFits(String which) {
        answer(0, STATUS);
        String expected = "attachments? (is|are) '" + which
                + "'; there are: aa11:eth0, aa22:eth0, aa22:net1, bb33:eth0, bb3:eth0";
        assertTrue(run("counters", which).matches("(no|several) " + expected), printed.toString());
    }

    @Test
    void whatTheAgentCannotSayIsPassedOn() {
        answer(1, "bpf_obj_get(x): No such file");
        assertEquals("the agent cannot say: bpf_obj_get(x): No such file", run("status"));
    }

    @Test
    void withoutAnAgentTheMessageNamesTheSocket() throws IOException {
        listener.close();
        assertTrue(run("status").startsWith("no agent at " + socket() + " ("), printed.toString());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 7, 8, 12})
    void anAgentThatHangsUpIsAnErrorAndNoHang(int length) {
        byte[] cutOff = new byte[length];
        System.arraycopy(new byte[] {Frame.RESULT, 0, 0, 0, 20}, 0, cutOff, 0, Math.min(5, length));
        agent(cutOff);
        AgentClient client = new AgentClient(socket());
        assertThrows(IOException.class, client::status);
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.delegate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tsncni.cni.CniAnswer;
import io.tsncni.cni.CniCommand;
import io.tsncni.cni.CniErrorCode;
import io.tsncni.cni.CniException;
import io.tsncni.shim.Exec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Finds and runs other plugins as the runtime would have: in its environment, where it runs. */
public final class Plugins {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** Ourselves, without a second shim: it would wait for a connection that the first one holds. */
    public interface Own {
        CniAnswer run(Map<String, String> environment, byte[] stdin);
    }

    private final Exec exec;
    private final Map<String, String> environment;
    private final Set<String> ownTypes;
    private final Own own;

    /**
     * @param environment of the shim
     * @param ownTypes each {@code type} under which a configuration names us
     */
    public Plugins(Exec exec, Map<String, String> environment, Set<String> ownTypes, Own own) {
        this.exec = exec;
        this.environment = Map.copyOf(environment);
        this.ownTypes = Set.copyOf(ownTypes);
        this.own = own;
    }

    /**
     * Runs a plugin to its end.
     *
     * @param runtime empty for the commands that are of no attachment
     * @return its stdout
     * @throws CniException its own error as it was, or ours if it could not be run or made no sense
     */
    byte[] run(
            CniCommand command, List<String> directories, String type, Optional<RuntimeConf> runtime, ObjectNode conf)
            throws CniException {
        Map<String, String> variables = variables(command, directories, runtime);
        byte[] stdin = conf.toString().getBytes(StandardCharsets.UTF_8);
        if (ownTypes.contains(type)) {
            CniAnswer answer = own.run(variables, stdin);
            byte[] stdout = answer.stdout().getBytes(StandardCharsets.UTF_8);
            if (answer.exit() != 0) {
                throw error(type, new Exec.Result(answer.exit(), stdout, new byte[0]));
            }
            return stdout;
        }
        // A colon is what separates the paths.
        if (!directories.isEmpty() && type.indexOf(':') < 0) {
            String paths = directories.stream()
                    .map(directory -> directory + "/" + type)
                    .collect(Collectors.joining(":"));
            Exec.Result result = execute(paths, variables, stdin);
            if (result.status() == 0) {
                return result.stdout();
            }
            if (!result.isNotFound()) {
                throw error(type, result);
            }
        }
        throw new NoSuchPluginException(type, directories);
    }

    private Exec.Result execute(String path, Map<String, String> variables, byte[] stdin) throws CniException {
        try {
            return exec.run(path, variables, stdin);
        } catch (IOException e) {
            throw new CniException(CniErrorCode.TRY_AGAIN_LATER, path + ": " + e.getMessage(), e);
        }
    }

    private Map<String, String> variables(CniCommand command, List<String> directories, Optional<RuntimeConf> runtime) {
        Map<String, String> variables = new LinkedHashMap<>(environment);
        variables.keySet().removeIf(name -> name.startsWith("CNI_"));
        variables.put("CNI_COMMAND", command.toString());
        variables.put("CNI_PATH", String.join(":", directories));
        runtime.ifPresent(of -> {
            variables.put("CNI_CONTAINERID", of.containerId());
            variables.put("CNI_NETNS", of.netns());
            variables.put("CNI_IFNAME", of.ifName());
            variables.put("CNI_ARGS", of.cniArgs());
        });
        return variables;
    }

    private static CniException error(String type, Exec.Result result) {
        String stderr = new String(result.stderr(), StandardCharsets.UTF_8).strip();
        try {
            JsonNode error = MAPPER.readTree(result.stdout());
            if (error.path("code").isInt() && error.path("msg").isTextual()) {
                return CniException.ofPlugin(
                        error.path("code").asInt(),
                        error.path("msg").asText(),
                        error.path("details").asText(""));
            }
        } catch (IOException e) {
            // No JSON either; what it did say is in the message.
        }
        String said = stderr.isEmpty() ? new String(result.stdout(), StandardCharsets.UTF_8).strip() : stderr;
        return CniException.ofPlugin(
                CniErrorCode.INTERNAL.number(),
                "plugin " + type + ": " + result.ending() + (said.isEmpty() ? ", and it said nothing" : ": " + said),
                "");
    }
}

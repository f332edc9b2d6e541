// SPDX-License-Identifier: Apache-2.0
package io.tsncni.testbed;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;

/** A cluster as seen by one of its users. */
public record Kubectl(Path program, Path kubeconfig) {
    private static final ObjectMapper JSON = new ObjectMapper();

    public Shell command(String... arguments) {
        return Shell.of(program, arguments).with("KUBECONFIG", kubeconfig.toString());
    }

    public Shell.Result run(String... arguments) {
        return command(arguments).run();
    }

    /** The object, or the list of them, that a command names. */
    public JsonNode json(String... arguments) {
        return parse(command(arguments).and("--output", "json").run());
    }

    /** Creates an object and answers it as the API server has it. */
    public JsonNode create(JsonNode object) {
        return parse(command("create", "--filename", "-", "--output", "json")
                .reading(object.toString())
                .run());
    }

    public void apply(JsonNode object) {
        command("apply", "--filename", "-").reading(object.toString()).run();
    }

    public void apply(Path manifest) {
        run("apply", "--filename", manifest.toString());
    }

    /** POST to a path of the API. */
    public JsonNode post(String path, JsonNode body) {
        return parse(command("create", "--raw", path, "--filename", "-")
                .reading(body.toString())
                .run());
    }

    private static JsonNode parse(Shell.Result result) {
        try {
            return JSON.readTree(result.stdout());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("kubectl printed no JSON: " + result, e);
        }
    }
}

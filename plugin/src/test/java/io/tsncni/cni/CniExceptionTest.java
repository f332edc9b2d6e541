// SPDX-License-Identifier: Apache-2.0
package io.tsncni.cni;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.io.IOException;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CniExceptionTest {
    @ParameterizedTest
    @EnumSource
    void anErrorIsInTheVersionAskedFor(CniVersion version) {
        CniException error = CniException.config("egress", "required");
        assertEquals(
                "{\"cniVersion\":\"" + version + "\",\"code\":7,\"msg\":\"egress: required\"}",
                error.toJson(version).toString());
    }

    @Test
    void detailsSayWhereAnErrorCameFrom() {
        IOException cause = new IOException("bpf_link_create(tcx egress of ifindex 3): No such device");
        CniException error = new CniException(CniErrorCode.DATAPATH_FAILED, "the kernel refused", cause);
        assertEquals(
                "{\"cniVersion\":\"1.0.0\",\"code\":101,\"msg\":\"the kernel refused\","
                        + "\"details\":\"bpf_link_create(tcx egress of ifindex 3): No such device\"}",
                error.toJson(CniVersion.V1_0_0).toString());
        assertSame(cause, error.getCause());
    }

    @Test
    void anyTextSurvivesAsJson() {
        CniException error = new CniException(CniErrorCode.IO_FAILURE, "\"quoted\"\n", "back\\slash \u0000 \u00e9");
        assertEquals(
                "{\"cniVersion\":\"1.1.0\",\"code\":5,\"msg\":\"\\\"quoted\\\"\\n\","
                        + "\"details\":\"back\\\\slash \\u0000 \u00e9\"}",
                error.toJson(CniVersion.newest()).toString());
    }

    /** 1 to 99 are the spec's; a runtime acts on 11 and 50, and the shim has the same numbers. */
    @Test
    void theNumbersAreThoseOfTheSpecAndOursStartAt100() {
        assertEquals(
                "INCOMPATIBLE_VERSION 1, INVALID_ENVIRONMENT 4, IO_FAILURE 5, DECODING_FAILURE 6,"
                        + " INVALID_NETWORK_CONFIG 7, TRY_AGAIN_LATER 11, PLUGIN_NOT_AVAILABLE 50,"
                        + " DATAPATH_FAILED 101, CHECK_FAILED 102, INTERNAL 999",
                Arrays.stream(CniErrorCode.values())
                        .map(code -> code + " " + code.number())
                        .collect(Collectors.joining(", ")));
    }
}

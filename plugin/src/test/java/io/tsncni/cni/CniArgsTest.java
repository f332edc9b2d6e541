// SPDX-License-Identifier: Apache-2.0
package io.tsncni.cni;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CniArgsTest {
    /** As containerd's CRI plugin writes it. */
    private static final String OF_CONTAINERD = "IgnoreUnknown=1;K8S_POD_NAMESPACE=plant;K8S_POD_NAME=plc.0;"
            + "K8S_POD_INFRA_CONTAINER_ID=c0ffee;K8S_POD_UID=0a6f-11";

    @ParameterizedTest
    @ValueSource(
            strings = {"", "A=", "A=1;B=2", "B=2;A=1", "IP=10.1.2.3/24,fd00::3/64;MAC=02:00:00:00:00:07", OF_CONTAINERD
            })
    void whatIsReadIsWrittenTheSame(String text) throws CniException {
        assertEquals(text, CniArgs.parse(text).toString());
    }

    @Test
    void theLastOfAKeyCounts() throws CniException {
        CniArgs args = CniArgs.parse("A=1;B=2;A=3");
        assertEquals(Optional.of("3"), args.get("A"));
        assertEquals(Optional.empty(), args.get("C"));
        assertEquals("A=3;B=2", args.toString());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            K8S_POD_NAME | "K8S_POD_NAME"
            A=1;B        | "B"
            A=1;B=2=3    | "B=2=3"
            A==          | "A=="
            =1           | "=1"
            A=1;         | ""
            ;A=1         | ""
            A=1;;B=2     | ""
            ;            | ""
            ' '          | " "
            """)
    void aPairThatIsNoneIsRefusedAndNamed(String text, String pair) {
        CniException refusal = assertThrows(CniException.class, () -> CniArgs.parse(text));
        assertEquals(4, refusal.code().number());
        assertEquals(
                "CNI_ARGS: expected pairs KEY=VALUE with ';' between them, got the string " + pair,
                refusal.getMessage());
    }

    @Test
    void thePodIsTheOneThatTheRuntimeNames() throws CniException {
        assertEquals(
                Optional.of(new PodRef("plant", "plc.0", Optional.of("0a6f-11"), Optional.of("c0ffee"))),
                CniArgs.parse(OF_CONTAINERD).pod());
        assertEquals(
                Optional.of(new PodRef("plant", "plc", Optional.empty(), Optional.empty())),
                CniArgs.parse("K8S_POD_NAMESPACE=plant;K8S_POD_NAME=plc;K8S_POD_UID=")
                        .pod());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "IgnoreUnknown=1;K8S_POD_NAME=My_Container",
                "K8S_POD_NAMESPACE=;K8S_POD_NAME=My_Container",
                "K8S_POD_NAMESPACE=plant",
                "K8S_POD_NAMESPACE=plant;K8S_POD_NAME=",
            })
    void whoNamesNoNamespaceOrNoNameHasNoPod(String text) throws CniException {
        assertEquals(Optional.empty(), CniArgs.parse(text).pod());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            K8S_POD_NAMESPACE=../nodes;K8S_POD_NAME=p          | K8S_POD_NAMESPACE | "../nodes"
            K8S_POD_NAMESPACE=a.b;K8S_POD_NAME=p               | K8S_POD_NAMESPACE | "a.b"
            K8S_POD_NAMESPACE=n;K8S_POD_NAME=p/status          | K8S_POD_NAME      | "p/status"
            K8S_POD_NAMESPACE=n;K8S_POD_NAME=P                 | K8S_POD_NAME      | "P"
            K8S_POD_NAMESPACE=n;K8S_POD_NAME=..                | K8S_POD_NAME      | ".."
            K8S_POD_NAMESPACE=n;K8S_POD_NAME=p;K8S_POD_UID=a/b | K8S_POD_UID       | "a/b"
            K8S_POD_NAMESPACE=n;K8S_POD_NAME=p;K8S_POD_INFRA_CONTAINER_ID=a b | K8S_POD_INFRA_CONTAINER_ID | "a b"
            """)
    void aPodThatKubernetesCannotHaveIsRefused(String text, String key, String value) throws CniException {
        CniArgs args = CniArgs.parse(text);
        CniException refusal = assertThrows(CniException.class, args::pod);
        assertEquals(4, refusal.code().number());
        assertTrue(refusal.getMessage().startsWith("CNI_ARGS: " + key + ": expected "), refusal.getMessage());
        assertTrue(refusal.getMessage().endsWith("got the string " + value), refusal.getMessage());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            ''              | IgnoreUnknown=true;K8S_POD_INFRA_CONTAINER_ID=id
            A=1;IgnoreUnknown=0 | IgnoreUnknown=0;K8S_POD_INFRA_CONTAINER_ID=id;A=1
            X=1;K8S_POD_UID=u;K8S_POD_NAME=p;K8S_POD_NAMESPACE=n | IgnoreUnknown=true;K8S_POD_NAMESPACE=n;\
            K8S_POD_NAME=p;K8S_POD_INFRA_CONTAINER_ID=id;K8S_POD_UID=u;X=1
            K8S_POD_INFRA_CONTAINER_ID=other | IgnoreUnknown=true;K8S_POD_INFRA_CONTAINER_ID=other
            """)
    void aDelegateGetsEveryPairOnce(String own, String delegates) throws CniException {
        CniArgs args = CniArgs.parse(own).forDelegate("id");
        assertEquals(delegates, args.toString());
        assertEquals(args, args.forDelegate("id"));
    }

    @Test
    void anAskedAddressTakesThePlaceOfTheRuntimes() throws CniException {
        CniArgs args = CniArgs.parse("MAC=02:00:00:00:00:01;IP=10.0.0.1;A=1");
        assertEquals(
                "A=1;MAC=02:00:00:00:00:02;IP=10.1.2.3/24,fd00::3;K8S_POD_UID=u",
                args.withMac("02:00:00:00:00:02")
                        .withIps(List.of("10.1.2.3/24", "fd00::3"))
                        .withUid("u")
                        .toString());
    }
}

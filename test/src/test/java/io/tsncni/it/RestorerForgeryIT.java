// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import static io.tsncni.it.RestorerProbe.PEER;
import static io.tsncni.it.RestorerProbe.STRANGER;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tsncni.it.StampProbe.Outcome;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Stamps that are wrong by as little as one bit, for each of several secrets: none of them is worth anything. */
@RequiresRoot
@ParameterizedClass
@MethodSource("identities")
class RestorerForgeryIT {
    private static final int FORM = 22;
    private static final int WANTED = 7;
    private static final int TOS = 6;

    private final StampIdentity identity;

    RestorerForgeryIT(StampIdentity identity) {
        this.identity = identity;
    }

    static Stream<StampIdentity> identities() {
        return StampIdentity.samples();
    }

    /** The form bit, and the tag's. */
    static IntStream hashBits() {
        return IntStream.rangeClosed(4, 22);
    }

    static IntStream proofBits() {
        return IntStream.rangeClosed(5, 15);
    }

    private StampSkb stamped(int hash, int tcIndex) {
        return StampPacket.IPV4_UDP
                .skb()
                .hash(hash)
                .tcIndex(tcIndex)
                .ingress(STRANGER)
                .priority(TOS);
    }

    /** Also from an attached pod's device, and where the operator trusts the tag alone. */
    @ParameterizedTest
    @MethodSource("hashBits")
    void oneWrongBitInTagOrForm(int bit) throws Exception {
        int hash = identity.hash(0x5a800000, WANTED) ^ 1 << bit;
        try (RestorerProbe restorer = RestorerProbe.of(identity)) {
            for (int flags : new int[] {0, RestorerProbe.TRUST_HASH}) {
                for (int ingress : new int[] {STRANGER, PEER}) {
                    Outcome seen = restorer.flags(flags)
                            .run(stamped(hash, identity.tcIndex()).ingress(ingress));

                    assertEquals(0, seen.priority());
                    assertEquals(hash, seen.hash());
                    assertEquals(identity.tcIndex(), seen.tcIndex());
                }
            }
            // With the form's bit it is a slot's stamp, and the slot is not that packet's.
            assertEquals(
                    bit == FORM ? Map.of("unstamped_forwarded", 4L, "stale", 4L) : Map.of("unstamped_forwarded", 4L),
                    restorer.counted());
        }
    }

    @ParameterizedTest
    @MethodSource("proofBits")
    void oneWrongBitInTheProof(int bit) throws Exception {
        int hash = identity.hash(0x5a800000, WANTED);
        int tcIndex = identity.tcIndex() ^ 1 << bit;
        try (RestorerProbe restorer = RestorerProbe.of(identity)) {
            Outcome seen = restorer.run(stamped(hash, tcIndex));

            assertEquals(0, seen.priority());
            assertEquals(hash, seen.hash());
            assertEquals(tcIndex, seen.tcIndex());
            assertEquals(Map.of("rejected", 1L, "unstamped_forwarded", 1L), restorer.counted());
        }
    }

    /** The entropy is the flow's, so no value of it may matter. */
    @ParameterizedTest
    @ValueSource(ints = {0x00000000, 0x00800000, 0x80000000, 0xff800000})
    void everyEntropyIsRight(int entropy) throws Exception {
        try (RestorerProbe restorer = RestorerProbe.of(identity)) {
            Outcome seen = restorer.run(stamped(identity.hash(entropy, WANTED), identity.tcIndex()));

            assertEquals(WANTED, seen.priority());
        }
    }

    /** Every tag but one, and every proof but one. */
    @ParameterizedTest
    @ValueSource(ints = {0, StampIdentity.TAG_MAX})
    void noOtherTagAndNoOtherProof(int tag) throws Exception {
        try (RestorerProbe restorer = RestorerProbe.of(identity)) {
            int others = 0;
            for (int proof = 0; proof <= StampIdentity.PROOF_MAX; proof++) {
                if (proof != identity.proof()) {
                    others++;
                    assertEquals(
                            0,
                            restorer.run(stamped(identity.hash(0, WANTED), proof << 5))
                                    .priority());
                }
                if (tag != identity.tag()) {
                    int foreign = new StampIdentity(tag, proof).hash(0, WANTED);
                    assertEquals(0, restorer.run(stamped(foreign, proof << 5)).priority());
                }
            }
            assertEquals(others, restorer.counted().get("rejected"));
        }
    }
}

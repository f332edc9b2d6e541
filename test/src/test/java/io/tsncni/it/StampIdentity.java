// SPDX-License-Identifier: Apache-2.0
package io.tsncni.it;

import java.util.stream.Stream;

/** The stamp as section 3 of the design has it, written down a second time: {@code stamp.h} must agree. */
record StampIdentity(int tag, int proof) {
    static final int TAG_MAX = 0x3ffff;
    static final int PROOF_MAX = 0x7ff;

    /** Bits that alternate, so that a shift by one shows. */
    static final StampIdentity SOME = new StampIdentity(0x2a5a5, 0x5a6);

    /** hash = entropy:9 | form:1 | tag:18 | priority:4, the entropy being the flow hash's own top bits. */
    int hash(int flowHash, int priority) {
        return flowHash >>> 23 << 23 | tag << 4 | priority;
    }

    /** A stamp without the entropy: whatever tells flows apart, StampEntropyIT asks for. */
    static int withoutEntropy(int hash) {
        return hash & 0x007fffff;
    }

    /** In bits 5 to 15; the five below are Cilium's. */
    int tcIndex() {
        return proof << 5;
    }

    /** The smallest and the largest that a boot may draw, and one between. */
    static Stream<StampIdentity> samples() {
        return Stream.of(new StampIdentity(1, 1), SOME, new StampIdentity(TAG_MAX, PROOF_MAX));
    }

    boolean isTagIn(int hash) {
        return (hash >>> 4 & TAG_MAX) == tag && (hash >>> 22 & 1) == 0;
    }

    boolean isProofIn(int tcIndex) {
        return tcIndex >>> 5 == proof;
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.datapath;

import io.tsncni.linux.libbpf.BpfMap;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;

/** The secret numbers of this boot's stamps. They live as long as the programs that carry them: in a pinned map. */
record Identity(int tag, int proof) {
    static Identity loadOrCreate(Path pin) throws IOException {
        if (Files.exists(pin)) {
            try (BpfMap map = BpfMap.pinned(pin)) {
                ByteBuffer value = map.get(0);
                return new Identity(value.getInt(), value.getInt());
            }
        }
        SecureRandom random = new SecureRandom();
        Identity identity = new Identity(nonZero(random, Stamp.TAG_BITS), nonZero(random, Stamp.PROOF_BITS));
        try (BpfMap map = BpfMap.createSingle("tsn_identity", Stamp.IDENTITY_SIZE)) {
            map.put(0, identity.bytes());
            map.pin(pin);
        }
        return identity;
    }

    private static int nonZero(SecureRandom random, int bits) {
        return 1 + random.nextInt((1 << bits) - 1);
    }

    /** struct stamp_identity. */
    byte[] bytes() {
        return Stamp.words(tag, proof);
    }

    /** Secret: whoever knows it can make stamps. */
    @Override
    public String toString() {
        return "Identity[secret]";
    }
}

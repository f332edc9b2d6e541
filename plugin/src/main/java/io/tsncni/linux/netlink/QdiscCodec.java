// SPDX-License-Identifier: Apache-2.0
package io.tsncni.linux.netlink;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;

/** rtnetlink's messages on queueing disciplines as bytes. */
final class QdiscCodec {
    static final short RTM_NEWQDISC = 36;
    private static final short RTM_GETQDISC = 38;
    private static final int TCMSG = 20;
    private static final int TCA_KIND = 1;
    private static final int TCA_OPTIONS = 2;
    private static final int TCA_ETF_PARMS = 1;
    private static final int ETF_FLAGS = 8; // offset in struct tc_etf_qopt
    private static final int ETF_SKIP_SOCK_CHECK = 4;
    private static final int TCA_TAPRIO_ATTR_FLAGS = 10;
    private static final int TAPRIO_TXTIME_ASSIST = 1;

    private QdiscCodec() {}

    static byte[] request() {
        return NetlinkMessage.request(RTM_GETQDISC, NetlinkMessage.DUMP, TCMSG).array();
    }

    /** @param message one RTM_NEWQDISC, header included */
    static Optional<Qdisc> parse(ByteBuffer message) {
        int payload = message.position() + NetlinkMessage.HEADER;
        if (message.limit() < payload + TCMSG) {
            return Optional.empty();
        }
        Map<Integer, ByteBuffer> attributes = NetlinkMessage.attributes(message, payload + TCMSG);
        if (!attributes.containsKey(TCA_KIND)) {
            return Optional.empty();
        }
        String kind = NetlinkMessage.text(attributes.get(TCA_KIND));
        ByteBuffer value = attributes.get(TCA_OPTIONS);
        Map<Integer, ByteBuffer> options =
                value == null ? Map.of() : NetlinkMessage.attributes(value, value.position());
        return Optional.of(new Qdisc(
                message.getInt(payload + 4),
                kind,
                kind.equals("etf") && (etfFlags(options.get(TCA_ETF_PARMS)) & ETF_SKIP_SOCK_CHECK) != 0,
                kind.equals("taprio")
                        && (NetlinkMessage.number(options.get(TCA_TAPRIO_ATTR_FLAGS)) & TAPRIO_TXTIME_ASSIST) != 0));
    }

    private static int etfFlags(ByteBuffer qopt) {
        return qopt == null || qopt.remaining() < ETF_FLAGS + 4 ? 0 : qopt.getInt(qopt.position() + ETF_FLAGS);
    }
}

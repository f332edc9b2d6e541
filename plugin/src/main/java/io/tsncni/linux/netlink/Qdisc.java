// SPDX-License-Identifier: Apache-2.0
package io.tsncni.linux.netlink;

/**
 * A queueing discipline of a device.
 *
 * @param ifIndex of the device
 * @param kind "taprio", "fq", ...
 * @param skipSockCheck of etf: whether packets without a socket may pass
 * @param txtimeAssist of taprio: whether it sets launch times itself
 */
public record Qdisc(int ifIndex, String kind, boolean skipSockCheck, boolean txtimeAssist) {}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.datapath;

/**
 * @param packets as on the wire: a GSO packet counts its segments
 * @param bytes with every segment's headers
 */
public record Traffic(long packets, long bytes) {}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.delegate;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * What a network is attached to, in libcni's sense.
 *
 * @param netns CNI_NETNS, empty if there is none any more
 * @param cniArgs CNI_ARGS
 * @param capabilityArgs each plugin gets those of its {@code capabilities} as {@code runtimeConfig}
 */
public record RuntimeConf(String containerId, String netns, String ifName, String cniArgs, ObjectNode capabilityArgs) {}

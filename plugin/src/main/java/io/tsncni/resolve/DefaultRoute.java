// SPDX-License-Identifier: Apache-2.0
package io.tsncni.resolve;

import java.util.List;

/**
 * What becomes of a network's default routes once it is up.
 *
 * @param strip take away those that its plugins made, IPv4 and IPv6
 * @param gateways then add one by each of these, at most one IPv4 and one IPv6
 */
public record DefaultRoute(boolean strip, List<String> gateways) {}

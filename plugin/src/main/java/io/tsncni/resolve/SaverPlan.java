// SPDX-License-Identifier: Apache-2.0
package io.tsncni.resolve;

/**
 * A saver that is wanted.
 *
 * @param tsn the keys in force
 * @param own the keys of the configuration itself, in force where no namespace default is
 * @param interfaceName of the pod
 * @param explicit asked for by name, as against what every pod gets
 */
public record SaverPlan(TsnConf tsn, TsnConf own, String interfaceName, boolean explicit) {
    /** For a configuration that finds no interface. */
    public static final String HOW_TO_GET_ONE =
            "tsn makes no interface of its own. List it in the 'plugins' of a conflist, after the plugin that does"
                    + " (bridge, ptp, macvlan, ...), or give it that plugin as 'delegate'";
}

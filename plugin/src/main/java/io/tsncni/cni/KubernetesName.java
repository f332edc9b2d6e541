// SPDX-License-Identifier: Apache-2.0
package io.tsncni.cni;

import java.util.regex.Pattern;

/** The names that Kubernetes allows (RFC 1123). What is none must not get into the path of an API call. */
public final class KubernetesName {
    public static final String LABEL_RULE =
            "expected a Kubernetes name without dots: at most 63 small letters, digits and '-', no '-' at either end";
    public static final String SUBDOMAIN_RULE =
            "expected a Kubernetes name: at most 253 small letters, digits, '-' and '.', a letter or digit at either end"
                    + " and around each dot";

    private static final int LABEL_MAX = 63;
    private static final int SUBDOMAIN_MAX = 253;
    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?");

    private KubernetesName() {}

    /** Of namespaces. */
    public static boolean isLabel(String name) {
        return name.length() <= LABEL_MAX && LABEL.matcher(name).matches();
    }

    /** Of pods and of most other objects. Unlike in DNS, no part has a length of its own. */
    public static boolean isSubdomain(String name) {
        if (name.length() > SUBDOMAIN_MAX) {
            return false;
        }
        for (String part : name.split("\\.", -1)) {
            if (!LABEL.matcher(part).matches()) {
                return false;
            }
        }
        return true;
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.cni;

import java.util.regex.Pattern;

/** What the spec calls an attachment: a container and an interface name in it. */
public record AttachmentKey(String containerId, String ifName) {
    /** Longer names would not fit a file name beside the interface's. */
    private static final int CONTAINER_ID_MAX = 200;

    /** NAME_MAX, less room for a suffix. */
    private static final int FILE_NAME_MAX = 240;

    private static final Pattern CONTAINER_ID = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.\\-]*");

    public AttachmentKey {
        if (containerId.length() > CONTAINER_ID_MAX
                || !CONTAINER_ID.matcher(containerId).matches()) {
            throw new IllegalArgumentException("CNI_CONTAINERID: '" + containerId + "' is not a container ID: at most "
                    + CONTAINER_ID_MAX + " letters, digits, '_', '.' and '-', a letter or digit first");
        }
        if (!InterfaceName.isValid(ifName)) {
            throw new IllegalArgumentException("CNI_IFNAME: '" + ifName + "' " + InterfaceName.RULE);
        }
        if (fileName(containerId, ifName).length() > FILE_NAME_MAX) {
            throw new IllegalArgumentException(
                    "CNI_CONTAINERID: '" + containerId + "' has so many dots that no file can have its name");
        }
    }

    /** Its name as a file. bpffs allows no dot in one; ':' can be in neither part. The shim makes the same name. */
    public String fileName() {
        return fileName(containerId, ifName);
    }

    private static String fileName(String containerId, String ifName) {
        return (containerId + ":" + ifName).replace("%", "%25").replace(".", "%2e");
    }

    @Override
    public String toString() {
        return containerId + ":" + ifName;
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.linux.libc;

import com.sun.jna.Pointer;
import com.sun.jna.Structure;
import com.sun.jna.Structure.FieldOrder;

/** {@code struct msghdr} on a 64-bit kernel. */
@FieldOrder({"msg_name", "msg_namelen", "msg_iov", "msg_iovlen", "msg_control", "msg_controllen", "msg_flags"})
public final class MsgHdr extends Structure {
    public Pointer msg_name;
    public int msg_namelen;
    public Pointer msg_iov;
    public long msg_iovlen;
    public Pointer msg_control;
    public long msg_controllen;
    public int msg_flags;
}

// SPDX-License-Identifier: Apache-2.0
package io.tsncni.linux.libc;

import com.sun.jna.Native;
import com.sun.jna.Pointer;

/** libc as C declares it. Every call returns -1 and leaves errno in {@link Native#getLastError()}. */
public final class LibC {
    public static final int AF_UNIX = 1;
    public static final int AF_NETLINK = 16;
    public static final int AF_PACKET = 17;
    public static final int SOCK_STREAM = 1;
    public static final int SOCK_RAW = 3;
    public static final int SOCK_CLOEXEC = 0x80000;
    public static final int SOL_SOCKET = 1;
    public static final int SO_PEERCRED = 17;
    public static final int SO_RCVTIMEO = 20;
    public static final int SO_SNDTIMEO = 21;
    public static final int SO_TXTIME = 61;
    public static final int SCM_RIGHTS = 1;
    public static final int SCM_TXTIME = SO_TXTIME;
    public static final int MSG_NOSIGNAL = 0x4000;
    public static final int MSG_DONTWAIT = 0x40;
    public static final int MSG_CMSG_CLOEXEC = 0x40000000;
    public static final int SHUT_RDWR = 2;
    public static final int O_RDONLY = 0;
    public static final int O_CLOEXEC = 0x80000;
    public static final int LOCK_EX = 2;
    public static final int LOCK_NB = 4;
    public static final int CLONE_NEWNET = 0x40000000;
    public static final long NS_GET_NSTYPE = 0xb703L;

    public static final int ENOENT = 2;
    public static final int ESRCH = 3;
    public static final int EINTR = 4;
    public static final int EAGAIN = 11;
    public static final int EEXIST = 17;
    public static final int ENODEV = 19;
    public static final int EINVAL = 22;
    public static final int ENOLINK = 67;
    public static final int ENOBUFS = 105;

    static {
        Native.register(LibC.class, "c");
    }

    private LibC() {}

    public static native int socket(int domain, int type, int protocol);

    public static native int bind(int fd, byte[] address, int length);

    public static native int listen(int fd, int backlog);

    public static native int accept4(int fd, Pointer address, Pointer length, int flags);

    public static native int getsockopt(int fd, int level, int name, int[] value, int[] length);

    public static native int setsockopt(int fd, int level, int name, long[] value, int length);

    public static native long recvmsg(int fd, MsgHdr message, int flags);

    public static native long recv(int fd, byte[] buffer, long length, int flags);

    public static native long send(int fd, byte[] buffer, long length, int flags);

    public static native long sendmsg(int fd, MsgHdr message, int flags);

    public static native int shutdown(int fd, int how);

    public static native int open(String path, int flags);

    public static native int close(int fd);

    public static native int flock(int fd, int operation);

    public static native int statfs(String path, byte[] statfs);

    public static native int ioctl(int fd, long request);

    public static native int setns(int fd, int type);

    public static native int unshare(int flags);

    public static native int clock_gettime(int clock, long[] timespec);

    public static native String strerror(int errno);

    public static native int vsnprintf(byte[] buffer, long size, Pointer format, Pointer arguments);
}

// SPDX-License-Identifier: Apache-2.0
/*
 * tcx ingress|egress DEVICE first|last PROGRAM [LINK]
 *
 * Attaches a pinned program to a device's tcx hook, before or behind all that
 * are there, and pins the link: what others' data planes do. Without LINK the
 * device holds the program, as with "bpftool net attach". By bpf(2), because
 * libbpf and bpftool know tcx only since 1.3 and 7.5.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <error.h>
#include <linux/bpf.h>
#include <net/if.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Linux 6.6, and so missing from older headers. */
#define TCX_INGRESS	46
#define TCX_EGRESS	47
#define BEFORE		(1u << 3)	/* BPF_F_BEFORE: and before nobody in particular */

static int bpf(int command, union bpf_attr *attr, const char *what)
{
	int returned = syscall(SYS_bpf, command, attr, sizeof(*attr));

	if (returned < 0)
		error(1, errno, "%s", what);
	return returned;
}

int main(int argc, char **argv)
{
	union bpf_attr get = { 0 }, create = { 0 }, pin = { 0 }, attach = { 0 };

	if (argc != 5 && argc != 6)
		error(2, 0, "usage: tcx ingress|egress DEVICE first|last PROGRAM [LINK]");
	get.pathname = (__u64)(unsigned long)argv[4];
	create.link_create.prog_fd = bpf(BPF_OBJ_GET, &get, argv[4]);
	create.link_create.target_ifindex = if_nametoindex(argv[2]);
	if (!create.link_create.target_ifindex)
		error(1, errno, "%s", argv[2]);
	create.link_create.attach_type = strcmp(argv[1], "ingress") ? TCX_EGRESS : TCX_INGRESS;
	create.link_create.flags = strcmp(argv[3], "first") ? 0 : BEFORE;
	if (argc == 5) {
		/* target_fd is in a union with target_ifindex, which older headers lack. */
		attach.target_fd = create.link_create.target_ifindex;
		attach.attach_bpf_fd = create.link_create.prog_fd;
		attach.attach_type = create.link_create.attach_type;
		attach.attach_flags = create.link_create.flags;
		bpf(BPF_PROG_ATTACH, &attach, argv[2]);
		return 0;
	}
	pin.bpf_fd = bpf(BPF_LINK_CREATE, &create, argv[2]);
	pin.pathname = (__u64)(unsigned long)argv[5];
	bpf(BPF_OBJ_PIN, &pin, argv[5]);
	return 0;
}

// SPDX-License-Identifier: Apache-2.0
/*
 * fexit PROGRAM LINK
 *
 * Has a pinned program trace the function that it was compiled for, and pins
 * the link: "bpftool prog load autoattach", which bpftool knows since 7.2.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <error.h>
#include <linux/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

static int bpf(int command, union bpf_attr *attr, const char *what)
{
	int returned = syscall(SYS_bpf, command, attr, sizeof(*attr));

	if (returned < 0)
		error(1, errno, "%s", what);
	return returned;
}

int main(int argc, char **argv)
{
	union bpf_attr get = { 0 }, create = { 0 }, pin = { 0 };

	if (argc != 3)
		error(2, 0, "usage: fexit PROGRAM LINK");
	get.pathname = (__u64)(unsigned long)argv[1];
	create.link_create.prog_fd = bpf(BPF_OBJ_GET, &get, argv[1]);
	create.link_create.attach_type = BPF_TRACE_FEXIT;
	pin.bpf_fd = bpf(BPF_LINK_CREATE, &create, argv[1]);
	pin.pathname = (__u64)(unsigned long)argv[2];
	bpf(BPF_OBJ_PIN, &pin, argv[2]);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0
/* What others attach to the same devices, at its most careless: it lets every
 * packet pass in the way that ends the hook and overwrites tc_index. */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int foreign_ok(struct __sk_buff *skb)
{
	(void)skb;
	return TC_ACT_OK;	/* with tcx: TCX_PASS */
}

SEC("xdp")
int foreign_pass(struct xdp_md *frame)
{
	(void)frame;
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";

// SPDX-License-Identifier: GPL-2.0
/* What becomes of a launch time on its way out of a network namespace, found out
 * with packets of the agent's own between namespaces of its own: one of these
 * programs looks before the veth, the other behind it. */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include "stamp.h"

#define CLOCK_OFFSET	14	/* the first byte of the payload: clockid_t */

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2 * CROSSING_CLOCKS);
	__type(key, __u32);
	__type(value, struct crossing);
} crossings SEC(".maps");

const volatile __u32 kernel SEC(".rodata");

static __always_inline int look(struct __sk_buff *skb, __u32 side)
{
	struct crossing seen = { .seen = 1, .txtime = skb->tstamp };
	__u32 key;
	__u8 clock;

	/* IPv6 looks for neighbours on any new device. */
	if (skb->protocol != bpf_htons(CROSSING_ETHERTYPE) ||
	    bpf_skb_load_bytes(skb, CLOCK_OFFSET, &clock, 1))
		return TC_ACT_UNSPEC;
	if (kernel & KERNEL_TSTAMP_TYPE) {
		/* Asked before the time, or ingress shows 0 for it. */
		seen.type = skb->tstamp_type;
		seen.txtime = skb->tstamp;
	}
	key = side + clock % CROSSING_CLOCKS;
	bpf_map_update_elem(&crossings, &key, &seen, BPF_ANY);
	return TC_ACT_UNSPEC;
}

SEC("tc")
int tsn_before(struct __sk_buff *skb)
{
	return look(skb, 0);
}

SEC("tc")
int tsn_behind(struct __sk_buff *skb)
{
	return look(skb, CROSSING_CLOCKS);
}

char LICENSE[] SEC("license") = "GPL";

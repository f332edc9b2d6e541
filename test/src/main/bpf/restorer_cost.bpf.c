// SPDX-License-Identifier: GPL-2.0
/* What the restorer costs beyond an empty program, for "./tsn bench". It clears
 * the stamp, so each repetition makes one first, which is measured apart. */
#include <linux/bpf.h>

int tsn_restorer(struct __sk_buff *skb) __attribute__((always_inline));

#include "restorer.bpf.c"

static __always_inline void make_stamp(struct __sk_buff *skb)
{
	bpf_set_hash(skb, restorer.identity.tag << STAMP_TAG_SHIFT | 5);
	skb->tc_index = restorer.identity.proof << PROOF_SHIFT;
}

SEC("tc")
int cost_stamp(struct __sk_buff *skb)
{
	make_stamp(skb);
	return TC_ACT_UNSPEC;
}

SEC("tc")
int cost_restorer(struct __sk_buff *skb)
{
	make_stamp(skb);
	return tsn_restorer(skb);
}

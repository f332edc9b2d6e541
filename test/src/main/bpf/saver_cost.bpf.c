// SPDX-License-Identifier: GPL-2.0
/* What the saver costs beyond an empty program, for "./tsn bench". */
#include <linux/bpf.h>

int tsn_saver(struct __sk_buff *skb) __attribute__((always_inline));

#include "saver.bpf.c"

SEC("tc")
int cost_empty(struct __sk_buff *skb __attribute__((unused)))
{
	return TC_ACT_UNSPEC;
}

/* A packet whose socket gave it a hash: TCP, connected UDP. */
SEC("tc")
int cost_saver(struct __sk_buff *skb)
{
	return tsn_saver(skb);
}

/* A packet without: the flow has to be dissected. */
SEC("tc")
int cost_saver_unhashed(struct __sk_buff *skb)
{
	bpf_set_hash_invalid(skb);
	return tsn_saver(skb);
}

SEC("tc")
int cost_unhash(struct __sk_buff *skb)
{
	bpf_set_hash_invalid(skb);
	return TC_ACT_UNSPEC;
}

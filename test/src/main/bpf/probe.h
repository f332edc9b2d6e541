/* SPDX-License-Identifier: GPL-2.0 */
/*
 * BPF_PROG_RUN hands cb[] in and out, but neither hash nor tc_index. So a probe
 * takes both from cb[], runs the program unchanged, and reports in cb[] what
 * became of them. io.tsncni.it.StampProbe knows these numbers.
 *
 *	cb[]	in				out
 *	0	PROBE_HASHED: hash is valid	the packet's own flow hash
 *	1	hash				hash
 *	2	tc_index			tc_index
 *	3					hash for whoever asks: the one above
 *						if valid, else the flow's own
 */
#ifndef TSN_PROBE_H
#define TSN_PROBE_H

#define PROBE_HASHED	1u

/* Returns the packet's own flow hash. */
static __always_inline __u32 probe_before(struct __sk_buff *skb)
{
	__u32 flow = bpf_get_hash_recalc(skb);

	/* The question has stored the answer: the program must ask again. */
	bpf_set_hash_invalid(skb);
	if (skb->cb[0] & PROBE_HASHED)
		bpf_set_hash(skb, skb->cb[1]);
	skb->tc_index = skb->cb[2];
	return flow;
}

static __always_inline void probe_after(struct __sk_buff *skb, __u32 flow)
{
	skb->cb[0] = flow;
	skb->cb[1] = skb->hash;
	skb->cb[2] = skb->tc_index;
	skb->cb[3] = bpf_get_hash_recalc(skb);
}

#endif

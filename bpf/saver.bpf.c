// SPDX-License-Identifier: GPL-2.0
/* The saver: egress of a pod's interface, inside the pod's namespace. Applies
 * the attachment's policy and stamps every packet, also those of priority 0. */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>
#include "stamp.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, PRIORITIES + 1);
	__type(key, __u32);
	__type(value, struct policy_entry);
} policy SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct saver_counters);
} saver_stats SEC(".maps");

const volatile struct {
	struct stamp_identity identity;
	/* macvlan, ipvlan and host-device cross no veth: nothing wipes the
	 * priority, so it is set here and there is nothing to carry. */
	__u32 direct;
} saver SEC(".rodata");

static __always_inline __u32 slot(__u32 priority)
{
	return priority < PRIORITIES ? priority : PRIORITY_OTHER;
}

static __always_inline void stamp(struct __sk_buff *skb, __u32 priority)
{
	__u32 entropy = bpf_get_hash_recalc(skb) & STAMP_ENTROPY_MASK;

	bpf_set_hash(skb, entropy | saver.identity.tag << STAMP_TAG_SHIFT |
			  (priority & STAMP_PRIORITY_MASK));
	skb->tc_index = saver.identity.proof << PROOF_SHIFT;
}

SEC("tc")
int tsn_saver(struct __sk_buff *skb)
{
	__u32 zero = 0, asked = skb->priority, from = slot(asked), key = from, to;
	__u64 packets = skb->gso_segs ? skb->gso_segs : 1;
	struct saver_counters *count = bpf_map_lookup_elem(&saver_stats, &zero);
	struct policy_entry *entry = bpf_map_lookup_elem(&policy, &key);
	union {
		__u64 both;
		struct policy_entry entry;
	} now;

	/* Neither happens; the verifier wants to see it. Older ones (6.1) forget the
	 * bounds of a number on the stack, so from must not be the one that key is. */
	barrier_var(from);
	if (!count || !entry || from > PRIORITY_OTHER)
		return TC_ACT_UNSPEC;

	/* One 8-byte load, so that an update shows whole or not at all. */
	now.both = *(volatile __u64 *)entry;

	count->from[from] += packets;
	if (now.entry.action & POLICY_DROP) {
		count->dropped[from] += packets;
		return TC_ACT_SHOT;
	}
	if (now.entry.action & POLICY_CLEAR_TXTIME)
		skb->tstamp = 0;

	to = now.entry.priority;
	if (saver.direct) {
		/* Written even if it is the same: were it left out, clang would
		 * merge what is left into a context access that the verifier refuses. */
		if (now.entry.action & POLICY_KEEP)
			to = asked;
		skb->priority = to;
	} else {
		stamp(skb, to);
	}

	to = slot(to);
	count->to[to].packets += packets;
	count->to[to].bytes += skb->wire_len;

	/* Never TC_ACT_OK: the kernel then writes tc_index = tc_classid
	 * (tcx_action_code, tc_run) and skips the programs after us. */
	return TC_ACT_UNSPEC;
}

char LICENSE[] SEC("license") = "GPL";

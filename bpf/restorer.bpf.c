// SPDX-License-Identifier: GPL-2.0
/* The restorer: egress of the NIC whose qdisc must see the priority. Gives a
 * stamped packet its priority back and takes class 0 from forwarded packets
 * that nobody stamped. */
#include <stddef.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include "stamp.h"

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct restorer_counters);
} restorer_stats SEC(".maps");

/* Host-side ifindexes of attached pods; one map for all restorers. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, PEERS_MAX);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u32);
	__type(value, __u32);
} peers SEC(".maps");

/* A map and not read-only data: the operator's choice may change at a restart
 * of the agent, and the program must stay attached meanwhile. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct nic_config);
} nic SEC(".maps");

const volatile struct {
	struct stamp_identity identity;
} restorer SEC(".rodata");

static __always_inline __u32 nic_flags(void)
{
	__u32 zero = 0;
	struct nic_config *config = bpf_map_lookup_elem(&nic, &zero);

	return config ? config->flags : 0;
}

/* The tag alone is 19 bits of a hash that a stranger's flow may have by
 * chance, so one more thing must hold. */
static __always_inline int second_proof(struct __sk_buff *skb)
{
	__u32 from = skb->ingress_ifindex;

	if ((skb->tc_index & PROOF_MASK) == restorer.identity.proof << PROOF_SHIFT)
		return 1;
	/* eBPF data planes wipe tc_index (TC_ACT_OK) but redirect the packet
	 * straight from the pod's host-side device. */
	if (from && bpf_map_lookup_elem(&peers, &from))
		return 1;
	return nic_flags() & NIC_TRUST_HASH;
}

static __always_inline int stamped(__u32 hash)
{
	return (hash & (STAMP_FORM_SLOT | STAMP_TAG_MASK)) ==
	       restorer.identity.tag << STAMP_TAG_SHIFT;
}

/* A tunnel makes a forwarded packet look local: skb_scrub_packet() zeroes the
 * ingress ifindex. But it has no socket, and the node's own IP packets do, all
 * but IGMP and netfilter's REJECT. ARP, LACP and the like have none either, and
 * no tunnel brings them here. */
static __always_inline int from_this_node(struct __sk_buff *skb)
{
	if (skb->ingress_ifindex)
		return 0;
	if (skb->protocol != bpf_htons(ETH_P_IP) && skb->protocol != bpf_htons(ETH_P_IPV6))
		return 1;
	return skb->sk != NULL;
}

SEC("tc")
int tsn_restorer(struct __sk_buff *skb)
{
	__u32 zero = 0, hash = skb->hash, priority = hash & STAMP_PRIORITY_MASK;
	__u64 packets = skb->gso_segs ? skb->gso_segs : 1;
	struct restorer_counters *count = bpf_map_lookup_elem(&restorer_stats, &zero);

	if (!count)
		return TC_ACT_UNSPEC;

	if (stamped(hash)) {
		if (second_proof(skb)) {
			/* Also 0: ip_forward has written a priority of its own
			 * from the TOS byte (ip_forward_update_priority). */
			skb->priority = priority;
			count->restored[priority].packets += packets;
			count->restored[priority].bytes += skb->wire_len;
			if (!(nic_flags() & NIC_PASS_ON)) {
				/* The choice of queue sees the flow's own hash. */
				bpf_set_hash_invalid(skb);
				skb->tc_index = 0;
			}
			return TC_ACT_UNSPEC;
		}
		count->rejected += packets;
	}

	if (from_this_node(skb)) {
		count->unstamped_local += packets;
		return TC_ACT_UNSPEC;
	}
	count->unstamped_forwarded += packets;
	/* Else an unprivileged IP_TOS reaches class 6: rt_tos2priority(). */
	if (!(nic_flags() & NIC_KEEP_UNSTAMPED))
		skb->priority = 0;
	return TC_ACT_UNSPEC;
}

char LICENSE[] SEC("license") = "GPL";

// SPDX-License-Identifier: GPL-2.0
/* The restorer: egress of the NIC whose qdisc must see the metadata. Gives a
 * stamped packet its priority and launch time back, and forwarded packets that
 * nobody stamped priority 0. */
#include <stddef.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include "slots.h"
#include "stamp.h"

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct restorer_counters);
} restorer_stats SEC(".maps");

/* By host-side ifindex of an attached pod, the rows of priorities that its policy
 * gives, a bit each; one map for all restorers. */
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
	__u32 kernel;
} restorer SEC(".rodata");

/* fq's horizon is 10 s unless set otherwise; beyond it drops. */
#define FQ_AHEAD_MAX	9000000000ll
/* Between a node's uptime and its wall clock: 2001-09-09, or 31 years up. */
#define WALL_CLOCK_MIN	1000000000000000000ull

static __always_inline int tc_index_proof(struct __sk_buff *skb)
{
	return (skb->tc_index & PROOF_MASK) == restorer.identity.proof << PROOF_SHIFT;
}

static __always_inline __u32 *rows_of_peer(struct __sk_buff *skb)
{
	__u32 from = skb->ingress_ifindex;

	return from ? bpf_map_lookup_elem(&peers, &from) : NULL;
}

/* The tag alone is 19 bits of a hash that a stranger's flow may have by
 * chance, so one more thing must hold. Of a peer: eBPF data planes wipe tc_index
 * (TC_ACT_OK) but redirect the packet straight from the pod's host-side device. */
static __always_inline int second_proof(struct __sk_buff *skb, struct nic_config *config, __u32 *rows)
{
	return rows || tc_index_proof(skb) || config->flags & NIC_TRUST_HASH;
}

static __always_inline int tagged(__u32 hash)
{
	return (hash & (STAMP_FORM_SLOT | STAMP_TAG_MASK)) ==
	       restorer.identity.tag << STAMP_TAG_SHIFT;
}

/* Whatever clock the time is of, it becomes monotonic, or it goes: late is
 * better than lost. */
static __always_inline void suit_fq(struct __sk_buff *skb, struct nic_config *config,
				    struct restorer_counters *count, __u64 packets)
{
	__u64 txtime = skb->tstamp, now = 0;
	__u32 type = TSTAMP_REALTIME;
	__s64 ahead;

	if (!txtime)
		return;
	if (restorer.kernel & KERNEL_TSTAMP_TYPE)
		type = skb->tstamp_type;
	if (type == TSTAMP_MONOTONIC || txtime < WALL_CLOCK_MIN)
		return;
	if (restorer.kernel & KERNEL_TAI_CLOCK)
		now = bpf_ktime_get_tai_ns();
	/* Where types tell no clocks apart TAI is assumed: if it was REALTIME the
	 * packet is early, the other way round it would be dropped. */
	if (restorer.kernel & KERNEL_CLOCK_TYPES && type == TSTAMP_REALTIME)
		now -= config->tai_offset * 1000000000ll;
	ahead = txtime - now;
	if (ahead > 0 && ahead < FQ_AHEAD_MAX) {
		txtime = bpf_ktime_get_ns() + ahead;
		if (!(restorer.kernel & KERNEL_TSTAMP_TYPE)) {
			skb->tstamp = txtime;
			count->txtime_converted += packets;
			return;
		}
		if (!bpf_skb_set_tstamp(skb, txtime, TSTAMP_MONOTONIC)) {
			count->txtime_converted += packets;
			return;
		}
	}
	skb->tstamp = 0;
	count->txtime_cleared += packets;
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
	__u32 zero = 0, hash = skb->hash, priority = hash & STAMP_PRIORITY_MASK, row, *rows;
	__u64 packets = skb->gso_segs ? skb->gso_segs : 1, txtime = 0;
	struct restorer_counters *count = bpf_map_lookup_elem(&restorer_stats, &zero);
	struct nic_config *config = bpf_map_lookup_elem(&nic, &zero);
	int believed = 0;

	if (!count || !config)
		return TC_ACT_UNSPEC;

	rows = rows_of_peer(skb);
	if (tagged(hash)) {
		believed = second_proof(skb, config, rows);
		if (!believed)
			count->rejected += packets;
	} else if (hash & STAMP_FORM_SLOT && second_proof(skb, config, rows)) {
		believed = slot_read(hash, &priority, &txtime);
		/* Any flow's hash may look like a slot's; with the proof it was one. */
		if (!believed && tc_index_proof(skb))
			count->stale += packets;
	}
	row = priority < PRIORITIES ? priority : PRIORITY_OTHER;
	/* A pod with rights over its own interface can read the tag from its packets
	 * and search for a flow whose natural hash has it. It gains nothing: no class
	 * that its policy does not give. */
	if (believed && rows && !(*rows >> row & 1)) {
		believed = 0;
		count->rejected += packets;
	}

	if (believed) {
		/* Also 0: ip_forward has written a priority of its own from the
		 * TOS byte (ip_forward_update_priority). */
		skb->priority = priority;
		/* Never; but older verifiers (6.1) have forgotten it over the stack. */
		barrier_var(row);
		if (row > PRIORITY_OTHER)
			return TC_ACT_UNSPEC;
		count->restored[row].packets += packets;
		count->restored[row].bytes += skb->wire_len;
		if (txtime) {
			/* As the socket wrote it. Its type is what the kernel gives a
			 * bare number: the wall clock, which etf does not look at. */
			skb->tstamp = txtime;
			count->txtime_restored += packets;
		}
		if (config->flags & NIC_FQ)
			suit_fq(skb, config, count, packets);
		if (!(config->flags & NIC_PASS_ON)) {
			/* The choice of queue sees the flow's own hash. */
			bpf_set_hash_invalid(skb);
			skb->tc_index = 0;
		}
		return TC_ACT_UNSPEC;
	}

	if (from_this_node(skb)) {
		count->unstamped_local += packets;
		return TC_ACT_UNSPEC;
	}
	count->unstamped_forwarded += packets;
	/* Else an unprivileged IP_TOS reaches class 6: rt_tos2priority(). */
	if (!(config->flags & NIC_KEEP_UNSTAMPED))
		skb->priority = 0;
	return TC_ACT_UNSPEC;
}

char LICENSE[] SEC("license") = "GPL";

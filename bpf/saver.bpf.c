// SPDX-License-Identifier: GPL-2.0
/* The saver: egress of a pod's interface, inside the pod's namespace. Applies
 * the attachment's policy and stamps every packet, also those of priority 0. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include "slots.h"
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
	 * priority, so it is set here and only a txtime may be left to carry. */
	__u32 direct;
	__u32 kernel;
} saver SEC(".rodata");

static __always_inline __u32 row(__u32 priority)
{
	return priority < PRIORITIES ? priority : PRIORITY_OTHER;
}

/* TCP paces itself with the same field; no application has asked for that. */
static __always_inline int is_tcp(struct __sk_buff *skb)
{
	struct bpf_sock *sk = skb->sk;

	if (sk)
		sk = bpf_sk_fullsock(sk);
	return sk && sk->protocol == IPPROTO_TCP;
}

/* The launch time that would not reach the NIC by itself; 0 if there is none. */
static __always_inline __u64 txtime_to_carry(struct __sk_buff *skb)
{
	__u64 txtime = skb->tstamp;
	__u32 type = 0;

	if (!txtime)
		return 0;
	if (saver.kernel & KERNEL_TSTAMP_TYPE)
		type = skb->tstamp_type;
	if (saver.kernel >> KERNEL_KEEPS_SHIFT >> type & 1)
		return 0;
	return is_tcp(skb) ? 0 : txtime;
}

/* 64 bits of a flow in, 32 out of which the top ones depend on all of them. */
static __always_inline __u32 mixed(__u64 addresses, __u32 ports)
{
	return ((addresses ^ ports * 0xff51afd7ed558ccdull) * 0x9e3779b97f4a7c15ull) >> 32;
}

static __always_inline int has_ports(__u8 protocol)
{
	return protocol == IPPROTO_UDP || protocol == IPPROTO_TCP;
}

/* What tells the packet's flow from others. A connected socket has hashed it. Else
 * the kernel would dissect the packet, which takes longer than all the rest of this
 * program, so that is left for what is not plain IP. */
static __always_inline __u32 flow_hash(struct __sk_buff *skb)
{
	struct { struct iphdr ip; __u32 ports; } v4;
	struct { struct ipv6hdr ip; __u32 ports; } v6;
	__u64 *from, *to;

	if (skb->hash)
		return skb->hash;
	if (skb->protocol == bpf_htons(ETH_P_IP) &&
	    !bpf_skb_load_bytes_relative(skb, 0, &v4, sizeof(v4), BPF_HDR_START_NET) &&
	    v4.ip.ihl == 5)
		/* Of a fragment no ports: only the first has them. */
		return mixed((__u64)v4.ip.saddr << 32 | v4.ip.daddr,
			     has_ports(v4.ip.protocol) && !(v4.ip.frag_off & bpf_htons(0x3fff)) ? v4.ports : 0);
	if (skb->protocol == bpf_htons(ETH_P_IPV6) &&
	    !bpf_skb_load_bytes_relative(skb, 0, &v6, sizeof(v6), BPF_HDR_START_NET) &&
	    has_ports(v6.ip.nexthdr)) {
		from = (__u64 *)&v6.ip.saddr;
		to = (__u64 *)&v6.ip.daddr;
		return mixed(from[0] * 3 + from[1] * 5 + to[0] * 7 + to[1] * 11, v6.ports);
	}
	return bpf_get_hash_recalc(skb);
}

static __always_inline void stamp(struct __sk_buff *skb, __u32 priority, __u64 txtime)
{
	__u32 flow = flow_hash(skb), hash;

	if (priority >= PRIORITIES || txtime || saver.kernel & KERNEL_FORCE_SLOTS)
		hash = slot_write(flow, priority, txtime);
	else
		hash = (flow & STAMP_ENTROPY_MASK) |
		       saver.identity.tag << STAMP_TAG_SHIFT | priority;
	bpf_set_hash(skb, hash);
	skb->tc_index = saver.identity.proof << PROOF_SHIFT;
}

SEC("tc")
int tsn_saver(struct __sk_buff *skb)
{
	__u32 zero = 0, asked = skb->priority, from = row(asked), key = from, to;
	__u64 packets = skb->gso_segs ? skb->gso_segs : 1, txtime = 0;
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
	else
		txtime = txtime_to_carry(skb);

	to = now.entry.action & POLICY_KEEP ? asked : now.entry.priority;
	if (saver.direct)
		skb->priority = to;
	if (!saver.direct || txtime)
		stamp(skb, to, txtime);

	to = row(to);
	count->to[to].packets += packets;
	count->to[to].bytes += skb->wire_len;

	/* Never TC_ACT_OK: the kernel then writes tc_index = tc_classid
	 * (tcx_action_code, tc_run) and skips the programs after us. */
	return TC_ACT_UNSPEC;
}

char LICENSE[] SEC("license") = "GPL";

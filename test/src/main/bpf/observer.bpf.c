// SPDX-License-Identifier: GPL-2.0
/*
 * What the egress NIC's qdisc sees, packet by packet. Two programs, one map:
 *
 * tsn_classify	the filter of an HTB root: priority p goes to class 1:(0x10+p),
 *		every other to 1:20, so that the qdisc's own counters agree.
 * tsn_watch	clsact egress, direct-action, for qdiscs that choose by
 *		themselves (taprio): counts and lets the packet pass.
 *
 * A flow is told by its destination port, so a test gives each its own.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define FIRST_PORT	20000
#define PORTS		4096
#define PRIORITIES	16

/* Slots of the map: a port each, then what has none. io.tsncni.testbed.Observer
 * knows these numbers. */
enum {
	OTHER_PORT = PORTS,
	LATER_FRAGMENT,		/* a first fragment counts at its port */
	LAYER2,			/* neither IP nor ARP */
	NO_PORT,		/* ICMP, ARP, IGMP: the node's own housekeeping */
	SLOTS,
};

struct seen {
	__u64 packets[PRIORITIES + 1];	/* the last one: priorities above 15 */
	__u64 cpus;			/* bit n: CPU n sent some of them */
	__u64 queues;			/* bit n: the NIC's queue n was chosen */
	__u64 pcps;			/* bit n: VLAN tag with PCP n */
	__u64 timed;			/* packets with a launch time */
	__u64 last_tstamp;
	__u64 right_tstamps;		/* those that the payload speaks of */
	__u64 out_of_order;		/* UDP: number not above the one before */
	__u32 last_seq;
	__u32 max_segs;
	__u32 last_priority;
	__u32 reserved;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SLOTS);
	__type(key, __u32);
	__type(value, struct seen);
} observed SEC(".maps");

struct where {
	__u32 slot;
	__u32 payload;	/* of UDP and layer 2; 0: no number to read */
};

static __always_inline void at_port(struct __sk_buff *skb, __u8 protocol, __u32 l4, struct where *where)
{
	__be16 dest;
	__u16 port;

	if ((protocol != IPPROTO_UDP && protocol != IPPROTO_TCP) ||
	    bpf_skb_load_bytes(skb, l4 + 2, &dest, sizeof(dest)))
		return;
	port = bpf_ntohs(dest);
	where->slot = port >= FIRST_PORT && port < FIRST_PORT + PORTS ? port - FIRST_PORT : OTHER_PORT;
	if (protocol == IPPROTO_UDP)
		where->payload = l4 + 8;
}

static __always_inline void in_ipv4(struct __sk_buff *skb, __u32 l3, struct where *where)
{
	struct iphdr ip;

	if (bpf_skb_load_bytes(skb, l3, &ip, sizeof(ip)))
		return;
	if (ip.frag_off & bpf_htons(0x1fff))
		where->slot = LATER_FRAGMENT;
	else
		at_port(skb, ip.protocol, l3 + ip.ihl * 4, where);
}

static __always_inline void in_ipv6(struct __sk_buff *skb, __u32 l3, struct where *where)
{
	struct { __u8 next, reserved; __be16 offset; __be32 id; } fragment;
	__u32 l4 = l3 + sizeof(struct ipv6hdr);
	__u8 next;

	if (bpf_skb_load_bytes(skb, l3 + 6, &next, sizeof(next)))
		return;
	if (next == IPPROTO_FRAGMENT) {
		if (bpf_skb_load_bytes(skb, l4, &fragment, sizeof(fragment)))
			return;
		if (fragment.offset & bpf_htons(0xfff8)) {
			where->slot = LATER_FRAGMENT;
			return;
		}
		next = fragment.next;
		l4 += sizeof(fragment);
	}
	at_port(skb, next, l4, where);
}

/* The tag is in the frame, or beside it where the device would insert it. */
static __always_inline int pcp_of(struct __sk_buff *skb, int tagged)
{
	__be16 tci;

	if (skb->vlan_present)
		return skb->vlan_tci >> 13;
	if (tagged && !bpf_skb_load_bytes(skb, ETH_HLEN, &tci, sizeof(tci)))
		return bpf_ntohs(tci) >> 13;
	return -1;
}

static __always_inline struct where locate(struct __sk_buff *skb, int *pcp)
{
	struct where where = { .slot = NO_PORT };
	__u32 l3 = ETH_HLEN;
	__be16 type = 0;
	int tagged;

	bpf_skb_load_bytes(skb, l3 - 2, &type, sizeof(type));
	tagged = type == bpf_htons(ETH_P_8021Q);
	*pcp = pcp_of(skb, tagged);
	if (tagged) {
		l3 += 4;
		bpf_skb_load_bytes(skb, l3 - 2, &type, sizeof(type));
	}
	if (type == bpf_htons(ETH_P_IP))
		in_ipv4(skb, l3, &where);
	else if (type == bpf_htons(ETH_P_IPV6))
		in_ipv6(skb, l3, &where);
	else if (type != bpf_htons(ETH_P_ARP))
		where = (struct where){ .slot = LAYER2, .payload = l3 };
	return where;
}

static __always_inline void check_order(struct __sk_buff *skb, __u32 payload, __u32 segs, struct seen *seen)
{
	__be32 number;
	__u32 seq;

	if (!payload || bpf_skb_load_bytes(skb, payload, &number, sizeof(number)))
		return;
	seq = bpf_ntohl(number);
	/* Number 0 begins anew: the next talker on this port. */
	if (seq && seq <= seen->last_seq)
		__sync_fetch_and_add(&seen->out_of_order, 1);
	seen->last_seq = seq + segs - 1;
}

static __always_inline void check_tstamp(struct __sk_buff *skb, __u32 payload, struct seen *seen)
{
	__be64 asked;

	if (payload && !bpf_skb_load_bytes(skb, payload + 4, &asked, sizeof(asked)) &&
	    bpf_be64_to_cpu(asked) == skb->tstamp)
		__sync_fetch_and_add(&seen->right_tstamps, 1);
}

static __always_inline __u32 observe(struct __sk_buff *skb)
{
	__u32 priority = skb->priority < PRIORITIES ? skb->priority : PRIORITIES;
	/* On the wire a GSO packet is its segments, and htb counts it so too. */
	__u32 segs = skb->gso_segs ? skb->gso_segs : 1;
	struct seen *seen;
	struct where where;
	int pcp;

	where = locate(skb, &pcp);
	seen = bpf_map_lookup_elem(&observed, &where.slot);
	if (!seen)
		return priority;

	__sync_fetch_and_add(&seen->packets[priority], segs);
	__sync_fetch_and_or(&seen->cpus, 1ull << (bpf_get_smp_processor_id() & 63));
	__sync_fetch_and_or(&seen->queues, 1ull << (skb->queue_mapping & 63));
	if (pcp >= 0)
		__sync_fetch_and_or(&seen->pcps, 1ull << (pcp & 7));
	if (skb->tstamp) {
		__sync_fetch_and_add(&seen->timed, segs);
		seen->last_tstamp = skb->tstamp;
		check_tstamp(skb, where.payload, seen);
	}
	seen->last_priority = skb->priority;
	if (segs > seen->max_segs)
		seen->max_segs = segs;
	check_order(skb, where.payload, segs, seen);
	return priority;
}

SEC("tc")
int tsn_classify(struct __sk_buff *skb)
{
	return TC_H_MAKE(1 << 16, 0x10 + observe(skb));
}

SEC("tc")
int tsn_watch(struct __sk_buff *skb)
{
	observe(skb);
	return TC_ACT_UNSPEC;
}

char LICENSE[] SEC("license") = "GPL";

// SPDX-License-Identifier: GPL-2.0
/*
 * The fixed parts of a path that "./tsn bench datapath" measures:
 *
 * path_empty_pod, path_empty_nic	what any two programs cost
 * path_classify	the filter of the NIC's HTB: the class of a packet is
 *			its priority, as mqprio and taprio have it in a table
 * path_far_end		ingress behind the NIC: counts, takes the time, drops
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

/* io.tsncni.testbed.FarEnd and sender.c know these numbers. */
#define FIRST_PORT	30000
#define PORTS		64
#define TIMED_PORT	31000
#define IPV4_UDP_DEST	(14 + 20 + 2)
#define IPV4_UDP_DATA	(14 + 20 + 8)

/* Log-linear: 32 buckets for each doubling, so a time is known within 3 %. */
#define SUB_BITS	5
#define SHIFT_MAX	30
#define BUCKETS		((SHIFT_MAX + 2) << SUB_BITS)

struct arrivals {
	__u64 packets;
	__u64 max_ns;
	__u64 delay[BUCKETS];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct arrivals);
} arrivals SEC(".maps");

SEC("tc")
int path_empty_pod(struct __sk_buff *skb __attribute__((unused)))
{
	return TC_ACT_UNSPEC;
}

SEC("tc")
int path_empty_nic(struct __sk_buff *skb __attribute__((unused)))
{
	return TC_ACT_UNSPEC;
}

SEC("tc")
int path_classify(struct __sk_buff *skb)
{
	return TC_H_MAKE(1 << 16, 0x10 + (skb->priority < 16 ? skb->priority : 16));
}

static __always_inline __u32 bucket(__u64 ns)
{
	__u32 shift = 0;

	/* A bounded loop, and not a count of leading zeros, which BPF has not. */
	for (; shift < SHIFT_MAX && ns >> shift >= 2u << SUB_BITS; shift++)
		;
	ns >>= shift;
	return (shift << SUB_BITS) + (ns < 2u << SUB_BITS ? ns : (2u << SUB_BITS) - 1);
}

static __always_inline void take_time(struct __sk_buff *skb, struct arrivals *to)
{
	__u64 sent, ns = bpf_ktime_get_ns();
	__u32 index;

	if (bpf_skb_load_bytes(skb, IPV4_UDP_DATA, &sent, sizeof(sent)))
		return;
	ns -= sent;
	if (ns > to->max_ns)
		to->max_ns = ns;	/* one sender, one CPU: nobody else writes */
	index = bucket(ns);
	if (index < BUCKETS)
		__sync_fetch_and_add(&to->delay[index], 1);
}

SEC("tc")
int path_far_end(struct __sk_buff *skb)
{
	__u32 zero = 0;
	struct arrivals *to = bpf_map_lookup_elem(&arrivals, &zero);
	__be16 dest;
	__u16 port;

	if (!to || skb->protocol != bpf_htons(ETH_P_IP) ||
	    bpf_skb_load_bytes(skb, IPV4_UDP_DEST, &dest, sizeof(dest)))
		return TC_ACT_UNSPEC;
	port = bpf_ntohs(dest);
	if (port == TIMED_PORT)
		take_time(skb, to);
	else if (port < FIRST_PORT || port >= FIRST_PORT + PORTS)
		return TC_ACT_UNSPEC;
	__sync_fetch_and_add(&to->packets, 1);
	return TC_ACT_SHOT;
}

char LICENSE[] SEC("license") = "GPL";

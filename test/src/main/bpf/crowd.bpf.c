// SPDX-License-Identifier: GPL-2.0
/*
 * For "./tsn test --soak": the filter of the NIC's HTB. Every datagram and
 * segment of crowd.c says over and over, in its payload, which priority it
 * should have here; so also a fragment and any segment of a stream does.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define PRIORITIES	16

/* What crowd.c writes: 'T' 'S' 'N' '!', the priority expected here, the one
 * asked for, the sender in two bytes. */
#define CLAIM	8

/* io.tsncni.testbed.CrowdTally knows this layout. */
struct tally {
	__u64 own;	/* as it should be */
	__u64 lost;	/* 0, and had asked for another */
	__u64 foreign;	/* one that it never asked for */
	__u64 silent;	/* says nothing: TCP without data, ARP */
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct tally);
} tally SEC(".maps");

static __always_inline __u32 payload(struct __sk_buff *skb)
{
	struct iphdr ip;
	__u32 l4;
	__u8 words;

	if (skb->protocol != bpf_htons(ETH_P_IP) || bpf_skb_load_bytes(skb, ETH_HLEN, &ip, sizeof(ip)))
		return 0;
	l4 = ETH_HLEN + ip.ihl * 4;
	if (ip.protocol == IPPROTO_UDP)
		return ip.frag_off & bpf_htons(0x1fff) ? l4 : l4 + 8;
	if (ip.protocol == IPPROTO_TCP && !bpf_skb_load_bytes(skb, l4 + 12, &words, sizeof(words)))
		return l4 + (words >> 4) * 4;
	return 0;
}

/* A segment may begin in the middle of a claim, so the length of two has a whole
 * one. -1: says nothing. */
static __always_inline int expected(struct __sk_buff *skb)
{
	__u8 data[2 * CLAIM];
	__u32 at = payload(skb);

	if (!at || bpf_skb_load_bytes(skb, at, data, sizeof(data)))
		return -1;
#pragma unroll
	for (int i = 0; i < CLAIM; i++) {
		if (data[i] == 'T' && data[i + 1] == 'S' && data[i + 2] == 'N' && data[i + 3] == '!')
			return data[i + 4];
	}
	return -1;
}

SEC("tc")
int crowd_classify(struct __sk_buff *skb)
{
	__u32 zero = 0, priority = skb->priority < PRIORITIES ? skb->priority : PRIORITIES;
	__u64 packets = skb->gso_segs ? skb->gso_segs : 1;
	struct tally *count = bpf_map_lookup_elem(&tally, &zero);
	int claim = expected(skb);

	if (!count)
		return -1;
	if (claim < 0)
		count->silent += packets;
	else if ((__u32)claim == priority)
		count->own += packets;
	else if (!priority)
		count->lost += packets;
	else
		count->foreign += packets;
	return TC_H_MAKE(1 << 16, 0x10 + priority);
}

char LICENSE[] SEC("license") = "GPL";

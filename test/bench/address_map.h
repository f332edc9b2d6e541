/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The address-map algorithm, written from its published description, as the
 * other side of "./tsn bench datapath" and of "./tsn test --soak". It is no
 * part of the product and never installed.
 *
 * A hash map keyed by the address of the sk_buff: the saver, on the egress of
 * the pod's interface, stores what the packet asks for; the restorer, on the
 * egress of the NIC, looks it up, sets it and deletes it. A program on the exit
 * of skb_clone() enters copies under their own address, where the kernel allows
 * tracing. A timer takes out what no restorer has asked for: packets that were
 * dropped on the way. Until then whoever gets that address gets that entry.
 *
 * As lean as the description allows: a preallocated map, one lookup, one clock.
 */
#ifndef ADDRESS_MAP_H
#define ADDRESS_MAP_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* Said by nobody: shorter is kinder to it, as long as no queue holds a packet that long. */
#define STALE_NS	100000000ull
#define COLLECT_NS	100000000ull

struct saved {
	__u64 tstamp;
	__u64 since;	/* CLOCK_MONOTONIC */
	__u32 priority;
	__u32 unused;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, __u64);
	__type(value, struct saved);
} saved SEC(".maps");

#endif

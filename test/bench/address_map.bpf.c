// SPDX-License-Identifier: GPL-2.0
/* Saver, restorer and collection of the address-map algorithm; see address_map.h. */
#include <linux/pkt_cls.h>
#include "address_map.h"

#define CLOCK_MONOTONIC	1

struct collector {
	struct bpf_timer timer;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct collector);
} collector SEC(".maps");

/* The context of a tc program is the sk_buff itself; root may use it as a number. */
static __always_inline __u64 address(struct __sk_buff *skb)
{
	return (__u64)(long)skb;
}

SEC("tc")
int map_saver(struct __sk_buff *skb)
{
	struct saved entry = {
		.tstamp = skb->tstamp,
		.since = bpf_ktime_get_ns(),
		.priority = skb->priority,
	};
	__u64 key = address(skb);

	bpf_map_update_elem(&saved, &key, &entry, BPF_ANY);
	return TC_ACT_UNSPEC;
}

SEC("tc")
int map_restorer(struct __sk_buff *skb)
{
	__u64 key = address(skb);
	struct saved *entry = bpf_map_lookup_elem(&saved, &key);

	if (!entry)
		return TC_ACT_UNSPEC;
	skb->priority = entry->priority;
	if (entry->tstamp)
		skb->tstamp = entry->tstamp;
	bpf_map_delete_elem(&saved, &key);
	return TC_ACT_UNSPEC;
}

static long collect_one(void *map, __u64 *key, struct saved *entry, __u64 *now)
{
	if (*now > entry->since + STALE_NS)
		bpf_map_delete_elem(map, key);
	return 0;
}

static int collect(void *map __attribute__((unused)), __u32 *key __attribute__((unused)), struct collector *own)
{
	__u64 now = bpf_ktime_get_ns();

	bpf_for_each_map_elem(&saved, collect_one, &now, 0);
	bpf_timer_start(&own->timer, COLLECT_NS, 0);
	return 0;
}

/* Run once, by BPF_PROG_RUN. */
SEC("tc")
int map_start_collecting(struct __sk_buff *skb __attribute__((unused)))
{
	__u32 zero = 0;
	struct collector *own = bpf_map_lookup_elem(&collector, &zero);

	if (!own || bpf_timer_init(&own->timer, &collector, CLOCK_MONOTONIC) ||
	    bpf_timer_set_callback(&own->timer, collect) || bpf_timer_start(&own->timer, COLLECT_NS, 0))
		return TC_ACT_SHOT;
	return TC_ACT_UNSPEC;
}

char LICENSE[] SEC("license") = "GPL";

// SPDX-License-Identifier: GPL-2.0
/* A stand-in for the programs of Ericsson's tsn-proxy: their names, types, maps
 * and verdicts, as its sources have them, and none of their algorithm. This
 * restorer gives every packet the same priority, so that one sees whether it is
 * still at work. */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 2048);
	__uint(key_size, 8);
	__uint(value_size, 16);
} tsn_map SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__uint(key_size, 4);
	__uint(value_size, 16);
} timer_map SEC(".maps");

SEC("tc")
int save_metadata(struct __sk_buff *skb)
{
	__u64 key = 0, value[2] = { skb->priority, 0 };

	bpf_map_update_elem(&tsn_map, &key, value, BPF_ANY);
	return TC_ACT_OK;
}

SEC("tc")
int restore_metadata(struct __sk_buff *skb)
{
	__u64 key = 0;

	bpf_map_delete_elem(&tsn_map, &key);
	skb->priority = 2;
	return TC_ACT_OK;
}

SEC("tc")
int garbage_collector(struct __sk_buff *skb)
{
	__u32 key = 0;

	(void)skb;
	bpf_map_delete_elem(&timer_map, &key);
	return 0;
}

/* In the place of the tracing program where the kernel is locked down. */
SEC("tc")
int fexit_skb_clone(struct __sk_buff *skb)
{
	(void)skb;
	return TC_ACT_UNSPEC;
}

char LICENSE[] SEC("license") = "GPL";

// SPDX-License-Identifier: GPL-2.0
/* Clone tracking of the address-map algorithm; see address_map.h. An object of
 * its own: a kernel that is locked down refuses tracing programs. */
#include "address_map.h"

/* On the exit of struct sk_buff *skb_clone(struct sk_buff *skb, gfp_t flags). */
SEC("fexit/skb_clone")
int map_clone(__u64 *arguments)
{
	__u64 original = arguments[0], clone = arguments[2];
	struct saved *entry, copy;

	entry = bpf_map_lookup_elem(&saved, &original);
	if (!entry || !clone)
		return 0;
	copy = *entry;
	bpf_map_update_elem(&saved, &clone, &copy, BPF_ANY);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";

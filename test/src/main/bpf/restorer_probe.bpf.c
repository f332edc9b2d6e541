// SPDX-License-Identifier: GPL-2.0
/* The restorer between a look before and a look after; see probe.h. */
#include <linux/bpf.h>

/* Inlined, because libbpf refuses a call from one entry program to another. */
int tsn_restorer(struct __sk_buff *skb) __attribute__((always_inline));

#include "restorer.bpf.c"
#include "probe.h"

SEC("tc")
int probe_restorer(struct __sk_buff *skb)
{
	__u32 flow = probe_before(skb);
	int verdict = tsn_restorer(skb);

	probe_after(skb, flow);
	return verdict;
}

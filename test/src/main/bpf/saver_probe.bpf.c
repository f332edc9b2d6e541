// SPDX-License-Identifier: GPL-2.0
/* The saver between a look before and a look after; see probe.h. */
#include <linux/bpf.h>

/* Inlined, because libbpf refuses a call from one entry program to another. */
int tsn_saver(struct __sk_buff *skb) __attribute__((always_inline));

#include "saver.bpf.c"
#include "probe.h"

SEC("tc")
int probe_saver(struct __sk_buff *skb)
{
	__u32 flow = probe_before(skb);
	int verdict = tsn_saver(skb);

	probe_after(skb, flow);
	return verdict;
}

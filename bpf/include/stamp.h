/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The stamp: what a saver writes into a packet and a restorer reads from it,
 * and the maps and constants that the agent shares with both. This is the one
 * place that says the layout; io.tsncni.datapath mirrors the numbers and
 * StampLayoutIT compares them with the compiled objects.
 *
 * skb->hash, immediate form:
 *
 *	31        23   22  21                           4  3        0
 *	| entropy:9 |  0  |           tag:18             | priority |
 *
 * skb->hash, slot form, for a priority over 15 or a txtime that the way to the
 * NIC would wipe:
 *
 *	31        27 26        23  22  21           12 11            0
 *	| entropy:5 | slot, high:4 | 1 | slot, low:10 | generation:12 |
 *
 * entropy     the top bits of a hash of the packet's flow. reciprocal_scale(),
 *             by which RPS, skb_tx_hash and fq_codel choose, looks at the top
 *             bits, so stamped flows spread, and the packets of one flow stay
 *             together.
 * tag         random, one per boot, secret.
 * slot        index into the map of slots, which has the rest. A slot keeps the
 *             hash that it was written for, and is believed for no other.
 * generation  counts the rounds through all slots, so that a packet that was
 *             held up for a round cannot be taken for the slot's new owner.
 *
 * skb->tc_index: the proof in bits 5..15. Bits 0..4 mean something to Cilium
 * (TC_INDEX_F_*), so a pod must never be able to set them.
 */
#ifndef TSN_STAMP_H
#define TSN_STAMP_H

/* Programs of one layout run side by side and take each other's place while
 * packets flow. Whatever changes below for the other side of a map, or of a
 * packet, makes a new one. */
#define STAMP_LAYOUT		1

#define STAMP_ENTROPY_MASK	0xff800000u
#define STAMP_FORM_SLOT		0x00400000u	/* else immediate */
#define STAMP_TAG_SHIFT		4
#define STAMP_TAG_BITS		18
#define STAMP_TAG_MASK		(((1u << STAMP_TAG_BITS) - 1) << STAMP_TAG_SHIFT)
#define STAMP_PRIORITY_MASK	0x0000000fu

#define SLOTS			16384
#define SLOT_ENTROPY_MASK	0xf8000000u
#define SLOT_GENERATION_BITS	12
#define SLOT_LOW_BITS		10
#define SLOT_HIGH_SHIFT		23

#define PROOF_SHIFT		5
#define PROOF_BITS		11
#define PROOF_MASK		(((1u << PROOF_BITS) - 1) << PROOF_SHIFT)

#define PRIORITIES		16		/* 0..15: what mqprio and taprio tell apart */
#define PRIORITY_OTHER		PRIORITIES	/* the row of every priority above */

/* Pinned by the agent, copied into each program's read-only data at load. */
struct stamp_identity {
	__u32 tag;	/* 1 .. 2^STAMP_TAG_BITS - 1 */
	__u32 proof;	/* 1 .. 2^PROOF_BITS - 1 */
};

/* What the agent has found out about the running kernel, in each program's
 * read-only data; the verifier prunes what a kernel does not have. */
#define KERNEL_TSTAMP_TYPE	1u	/* skb->tstamp_type and bpf_skb_set_tstamp() */
#define KERNEL_TAI_CLOCK	2u	/* bpf_ktime_get_tai_ns() */
#define KERNEL_CLOCK_TYPES	4u	/* tstamp_type tells TAI from REALTIME */
#define KERNEL_FORCE_SLOTS	8u	/* no stamp is immediate: for tests of slots */
/* And from here on one bit for each tstamp_type: such a txtime gets out of a
 * network namespace by itself. */
#define KERNEL_KEEPS_SHIFT	8

/* A clock as tstamp_type has it. Before 6.11 no txtime of an application has
 * one: all are 0. */
#define TSTAMP_REALTIME		0
#define TSTAMP_MONOTONIC	1
#define TSTAMP_TAI		2
#define TSTAMP_TYPES		3

/* policy_entry.action, bits */
#define POLICY_DROP		1u
#define POLICY_CLEAR_TXTIME	2u
#define POLICY_KEEP		4u	/* the pod's own priority */

/* One per pod priority and one for PRIORITY_OTHER. A packet reads exactly one
 * entry, so a change of policy never shows it half of each. */
struct policy_entry {
	__u32 action;
	__u32 priority;	/* of the NIC */
};

/* What does not fit into a stamp. The lock is for whoever reads while a new
 * round writes. */
struct stamp_slot {
	struct bpf_spin_lock lock;
	__u32 hash;
	__u32 priority;
	__u32 reserved;
	__u64 txtime;	/* 0: none */
};

/* Cursor 0 is of all CPUs; the others take numbers from it, CURSOR_STEP at a
 * time. Locked, because with PREEMPT_RT two packets can be under way on one CPU. */
struct slot_cursor {
	struct bpf_spin_lock lock;
	__u32 next;
	__u32 end;
};

#define CURSORS			257
#define CURSOR_STEP		64

struct traffic {
	__u64 packets;	/* as on the wire: a GSO packet counts its segments */
	__u64 bytes;	/* wire_len: with the headers that GSO still owes */
};

struct saver_counters {
	struct traffic to[PRIORITIES + 1];	/* sent on, by NIC priority */
	__u64 from[PRIORITIES + 1];		/* seen, packets, by pod priority */
	__u64 dropped[PRIORITIES + 1];		/* by policy, by pod priority */
};

struct restorer_counters {
	struct traffic restored[PRIORITIES + 1];
	__u64 unstamped_forwarded;
	__u64 unstamped_local;	/* of the node itself: left alone */
	__u64 rejected;		/* tag right, second proof missing */
	__u64 stale;		/* the slot is somebody else's by now */
	__u64 txtime_restored;
	__u64 txtime_converted;	/* to the clock that fq goes by */
	__u64 txtime_cleared;	/* fq would have dropped the packet */
};

/* nic_config.flags, bits */
#define NIC_KEEP_UNSTAMPED	1u
#define NIC_TRUST_HASH		2u
/* A device below has a restorer too, which would take what this one restored
 * for unstamped: so the stamp stays, and is read again there. */
#define NIC_PASS_ON		4u
/* fq is below: it goes by the monotonic clock, before 7.2 whatever the
 * tstamp_type, and drops what is too far ahead. */
#define NIC_FQ			8u

struct nic_config {
	__u32 flags;
	__s32 tai_offset;	/* of the node's TAI clock to its wall clock, s */
};

#define PEERS_MAX		8192

/* One look at one packet of crossing.bpf.c. */
#define CROSSING_ETHERTYPE	0x88b5	/* for local experiments, IEEE 802 */
#define CROSSING_CLOCKS		16

struct crossing {
	__u64 txtime;
	__u32 type;	/* tstamp_type */
	__u32 seen;
};

#endif

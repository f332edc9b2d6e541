/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The stamp: what a saver writes into a packet and a restorer reads from it,
 * and the maps and constants that the agent shares with both. This is the one
 * place that says the layout; io.tsncni.datapath mirrors the numbers and
 * StampLayoutIT compares them with the compiled objects.
 *
 * skb->hash, immediate form:
 *
 *	31        23   22  21                         4  3        0
 *	| entropy:9 | form |           tag:18           | priority |
 *
 * entropy  the top bits of the packet's own flow hash. reciprocal_scale(), by
 *          which RPS, skb_tx_hash and fq_codel choose, looks at the top bits,
 *          so stamped flows spread, and the packets of one flow stay together.
 * form     0: the priority is in the low bits (the only form so far).
 * tag      random, one per boot, secret.
 *
 * skb->tc_index: the proof in bits 5..15. Bits 0..4 mean something to Cilium
 * (TC_INDEX_F_*), so a pod must never be able to set them.
 */
#ifndef TSN_STAMP_H
#define TSN_STAMP_H

#define STAMP_ENTROPY_MASK	0xff800000u
#define STAMP_FORM_SLOT		0x00400000u
#define STAMP_TAG_SHIFT		4
#define STAMP_TAG_BITS		18
#define STAMP_TAG_MASK		(((1u << STAMP_TAG_BITS) - 1) << STAMP_TAG_SHIFT)
#define STAMP_PRIORITY_MASK	0x0000000fu

#define PROOF_SHIFT		5
#define PROOF_BITS		11
#define PROOF_MASK		(((1u << PROOF_BITS) - 1) << PROOF_SHIFT)

#define PRIORITIES		16		/* 0..15: what mqprio and taprio tell apart */
#define PRIORITY_OTHER		PRIORITIES	/* the slot of every priority above */

/* Pinned by the agent, copied into each program's read-only data at load. */
struct stamp_identity {
	__u32 tag;	/* 1 .. 2^STAMP_TAG_BITS - 1 */
	__u32 proof;	/* 1 .. 2^PROOF_BITS - 1 */
};

/* policy_entry.action, bits */
#define POLICY_DROP		1u
#define POLICY_CLEAR_TXTIME	2u
#define POLICY_KEEP		4u	/* leave skb->priority; a direct saver only */

/* One per pod priority and one for PRIORITY_OTHER. A packet reads exactly one
 * entry, so a change of policy never shows it half of each. */
struct policy_entry {
	__u32 action;
	__u32 priority;	/* of the NIC; below PRIORITIES unless the saver is direct */
};

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
	struct traffic restored[PRIORITIES];
	__u64 unstamped_forwarded;
	__u64 unstamped_local;	/* of the node itself: left alone */
	__u64 rejected;		/* tag right, second proof missing */
};

/* nic_config.flags, bits */
#define NIC_KEEP_UNSTAMPED	1u
#define NIC_TRUST_HASH		2u
/* A device below has a restorer too, which would take what this one restored
 * for unstamped: so the stamp stays, and is read again there. */
#define NIC_PASS_ON		4u

struct nic_config {
	__u32 flags;
};

#define PEERS_MAX		8192

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* The slots of stamp.h: how a saver gets one, and how a restorer reads it. One
 * pair of maps for all programs, pinned by the agent. */
#ifndef TSN_SLOTS_H
#define TSN_SLOTS_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "stamp.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SLOTS);
	__type(key, __u32);
	__type(value, struct stamp_slot);
} slots SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, CURSORS);
	__type(key, __u32);
	__type(value, struct slot_cursor);
} cursors SEC(".maps");

/* A number that nobody else gets for the next 2^26 of them: slot and generation. */
static __always_inline __u32 slot_number(void)
{
	__u32 shared = 0, cpu = 1 + bpf_get_smp_processor_id() % (CURSORS - 1);
	struct slot_cursor *all = bpf_map_lookup_elem(&cursors, &shared);
	struct slot_cursor *own = bpf_map_lookup_elem(&cursors, &cpu);
	__u32 number, newest, left;

	if (!all || !own)
		return 0;
	newest = *(volatile __u32 *)&all->next;
	bpf_spin_lock(&own->lock);
	number = own->next;
	left = own->end - number;
	/* What is left of a step from a round ago is in use by others. */
	if (newest - number > SLOTS)
		left = 0;
	if (left)
		own->next = number + 1;
	bpf_spin_unlock(&own->lock);
	if (left)
		return number;

	bpf_spin_lock(&all->lock);
	number = all->next;
	all->next = number + CURSOR_STEP;
	bpf_spin_unlock(&all->lock);

	bpf_spin_lock(&own->lock);
	own->next = number + 1;
	own->end = number + CURSOR_STEP;
	bpf_spin_unlock(&own->lock);
	return number;
}

/* Puts it all into a slot; returns the hash that says which. */
static __always_inline __u32 slot_write(__u32 flow_hash, __u32 priority, __u64 txtime)
{
	__u32 number = slot_number(), index = number % SLOTS;
	__u32 generation = number / SLOTS % (1u << SLOT_GENERATION_BITS);
	__u32 low = index % (1u << SLOT_LOW_BITS), high = index >> SLOT_LOW_BITS;
	__u32 hash = (flow_hash & SLOT_ENTROPY_MASK) | high << SLOT_HIGH_SHIFT |
		     STAMP_FORM_SLOT | low << SLOT_GENERATION_BITS | generation;
	struct stamp_slot *slot = bpf_map_lookup_elem(&slots, &index);

	if (slot) {
		bpf_spin_lock(&slot->lock);
		slot->hash = hash;
		slot->priority = priority;
		slot->txtime = txtime;
		bpf_spin_unlock(&slot->lock);
	}
	return hash;
}

/* Whether the slot is this hash's own. */
static __always_inline int slot_read(__u32 hash, __u32 *priority, __u64 *txtime)
{
	__u32 high = hash >> SLOT_HIGH_SHIFT & (SLOTS >> SLOT_LOW_BITS) - 1;
	__u32 low = hash >> SLOT_GENERATION_BITS & (1u << SLOT_LOW_BITS) - 1;
	__u32 index = high << SLOT_LOW_BITS | low, written_for;
	struct stamp_slot *slot = bpf_map_lookup_elem(&slots, &index);

	if (!slot)
		return 0;
	bpf_spin_lock(&slot->lock);
	written_for = slot->hash;
	*priority = slot->priority;
	*txtime = slot->txtime;
	bpf_spin_unlock(&slot->lock);
	return written_for == hash;
}

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* Included ahead of our programs: they do the same, by other instructions, as
 * another version's may. */
#define bpf_set_hash(...)		(bpf_get_prandom_u32(), bpf_set_hash(__VA_ARGS__))
#define bpf_set_hash_invalid(...)	(bpf_get_prandom_u32(), bpf_set_hash_invalid(__VA_ARGS__))

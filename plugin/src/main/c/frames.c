/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "tsn.h"

/* Callers keep len within the limits of frames.h, so no sum here overflows. */
void put(struct buf *b, const void *data, size_t len)
{
	if (len > b->room - b->len) {
		b->room = 2 * b->room + len;
		b->data = realloc(b->data, b->room);
		if (!b->data)
			exit(cni_error(TRY_AGAIN_LATER, "out of memory: %zu bytes", b->room));
	}
	if (len)
		memcpy(b->data + b->len, data, len);
	b->len += len;
}

void put_u32(struct buf *b, uint32_t value)
{
	unsigned char bytes[4] = { value, value >> 8, value >> 16, value >> 24 };

	put(b, bytes, sizeof(bytes));
}

void put_blob(struct buf *b, const void *data, size_t len)
{
	put_u32(b, len);
	put(b, data, len);
}

static unsigned char *take(struct reader *r, size_t len)
{
	unsigned char *at = r->at;

	r->bad |= len > r->left;
	if (r->bad)
		return NULL;
	r->at += len;
	r->left -= len;
	return at;
}

uint32_t get_u32(struct reader *r)
{
	unsigned char *b = take(r, 4);

	return b ? b[0] | b[1] << 8 | b[2] << 16 | (uint32_t)b[3] << 24 : 0;
}

unsigned char *get_blob(struct reader *r, size_t *len)
{
	*len = get_u32(r);
	return take(r, *len);
}

/* Moved one byte to the left, over its own length, a string has room for its NUL. */
char *get_string(struct reader *r)
{
	size_t len;
	unsigned char *b = get_blob(r, &len);

	r->bad |= b && memchr(b, 0, len);
	if (r->bad)
		return NULL;
	memmove(b - 1, b, len);
	b[len - 1] = 0;
	return (char *)b - 1;
}

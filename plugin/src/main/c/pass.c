/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An entry may say that pods start without TSN until there is an agent:
 * "onAgentDown": "pass". To know that, and what the plugin before us has
 * answered, is all that the shim reads of JSON. Of a text that is not JSON to
 * its last byte, or could be read in two ways, nothing is believed.
 */
#include <string.h>

#include "tsn.h"

#define DEPTH_MAX	100

struct text {
	const unsigned char *at, *end;
};

struct members {
	struct span mode, result;
};

static bool value(struct text *t, int depth);

static int peek(const struct text *t)
{
	return t->at < t->end ? *t->at : -1;
}

static bool is(struct text *t, char c)
{
	if (peek(t) != (unsigned char)c)
		return false;
	t->at++;
	return true;
}

static void space(struct text *t)
{
	while (peek(t) == ' ' || peek(t) == '\t' || peek(t) == '\n' || peek(t) == '\r')
		t->at++;
}

static bool hex(int c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool escape(struct text *t)
{
	int c = peek(t), i;

	if (c <= 0 || !strchr("\"\\/bfnrtu", c))
		return false;
	t->at++;
	for (i = 0; c == 'u' && i < 4; i++) {
		if (!hex(peek(t)))
			return false;
		t->at++;
	}
	return true;
}

static bool string(struct text *t)
{
	if (!is(t, '"'))
		return false;
	while (!is(t, '"')) {
		if (peek(t) < ' ')
			return false;
		if (is(t, '\\')) {
			if (!escape(t))
				return false;
		} else {
			t->at++;
		}
	}
	return true;
}

static bool digits(struct text *t)
{
	const unsigned char *start = t->at;

	while (peek(t) >= '0' && peek(t) <= '9')
		t->at++;
	return t->at > start;
}

static bool number(struct text *t)
{
	is(t, '-');
	if (!is(t, '0') && !digits(t))
		return false;
	if (is(t, '.') && !digits(t))
		return false;
	if (!is(t, 'e') && !is(t, 'E'))
		return true;
	if (!is(t, '+'))
		is(t, '-');
	return digits(t);
}

static bool word(struct text *t, const char *w)
{
	while (*w)
		if (!is(t, *w++))
			return false;
	return true;
}

static bool equal(const struct span *s, const char *literal)
{
	return s->len == strlen(literal) && !memcmp(s->data, literal, s->len);
}

/* False if it was there already: who is to be believed? */
static bool keep(struct members *found, const struct span *key, const struct span *val)
{
	struct span *to = equal(key, "\"onAgentDown\"") ? &found->mode :
			  equal(key, "\"prevResult\"") ? &found->result : NULL;

	if (!to)
		return !memchr(key->data, '\\', key->len);	/* it may be one of them */
	if (to->data)
		return false;
	*to = *val;
	return true;
}

static bool object(struct text *t, int depth, struct members *found)
{
	if (!is(t, '{'))
		return false;
	space(t);
	if (is(t, '}'))
		return true;
	do {
		struct span key, val;

		space(t);
		key.data = t->at;
		if (!string(t))
			return false;
		key.len = t->at - key.data;
		space(t);
		if (!is(t, ':'))
			return false;
		space(t);
		val.data = t->at;
		if (!value(t, depth))
			return false;
		val.len = t->at - val.data;
		if (found && !keep(found, &key, &val))
			return false;
		space(t);
	} while (is(t, ','));
	return is(t, '}');
}

static bool array(struct text *t, int depth)
{
	is(t, '[');
	space(t);
	if (is(t, ']'))
		return true;
	do {
		space(t);
		if (!value(t, depth))
			return false;
		space(t);
	} while (is(t, ','));
	return is(t, ']');
}

static bool value(struct text *t, int depth)
{
	if (depth >= DEPTH_MAX)
		return false;
	switch (peek(t)) {
	case '{':
		return object(t, depth + 1, NULL);
	case '[':
		return array(t, depth + 1);
	case '"':
		return string(t);
	case 't':
		return word(t, "true");
	case 'f':
		return word(t, "false");
	case 'n':
		return word(t, "null");
	default:
		return number(t);
	}
}

bool may_pass(const struct buf *conf, struct span *prev_result)
{
	struct text t = { conf->data, conf->data + conf->len };
	struct members found = { 0 };

	if (!conf->len)
		return false;
	space(&t);
	if (!object(&t, 1, &found))
		return false;
	space(&t);
	if (t.at != t.end || !found.mode.data || !equal(&found.mode, "\"pass\""))
		return false;
	*prev_result = found.result.data && *found.result.data == '{' ? found.result : (struct span){ 0 };
	return true;
}

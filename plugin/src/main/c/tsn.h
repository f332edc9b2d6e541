/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TSN_H
#define TSN_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "frames.h"

/* tsn.c */
enum cni_code {
	INVALID_ENVIRONMENT = 4,
	IO_FAILURE = 5,
	DECODING_FAILURE = 6,
	TRY_AGAIN_LATER = 11,
	PLUGIN_NOT_AVAILABLE = 50,
};

/* Prints a CNI error and returns the exit code that goes with it. */
int cni_error(enum cni_code code, const char *msg, ...) __attribute__((format(printf, 2, 3)));
int64_t milliseconds(void);

/* frames.c: bytes on their way out, and bytes from a peer that may say anything. */
struct buf {
	unsigned char *data;
	size_t len, room;
};

struct reader {
	unsigned char *at;
	size_t left;
	bool bad;		/* something reached past the end, or a string held a NUL */
};

void put(struct buf *b, const void *data, size_t len);
void put_u32(struct buf *b, uint32_t value);
void put_blob(struct buf *b, const void *data, size_t len);
uint32_t get_u32(struct reader *r);
unsigned char *get_blob(struct reader *r, size_t *len);
char *get_string(struct reader *r);

/* agent.c */
struct request {
	const char *socket;
	int netns;		/* the descriptor, or -1 */
	struct buf payload;
	unsigned long timeout;	/* seconds */
	int64_t deadline;
	/* The RESULT, or why there is none. */
	unsigned int exit;
	unsigned char *output;
	size_t output_len;
	char why[128];
	bool absent;		/* nobody listens */
};

/* An agent that is not there has patience milliseconds to come. */
bool ask(struct request *request, int64_t patience);

/* child.c: the delegates. Their EXEC_RESULTs are put on out. */
#define CHILD_FDS	(3 * EXEC_MAX)

void children_init(void);
unsigned int children(void);
/* False if the EXEC is malformed; else the child owns the frame that exec reads. */
bool child_start(unsigned char *frame, struct reader exec, struct buf *out);
/* Waits on fds[0], which is the caller's, and on the children, whose fds follow it. */
void children_wait(struct pollfd fds[1 + CHILD_FDS], int64_t limit, struct buf *out);
void children_kill(void);

/* pass.c: whether the entry lets pods start without an agent; then what the plugin before us answered, if there was one. */
struct span {
	const unsigned char *data;
	size_t len;
};

bool may_pass(const struct buf *conf, struct span *prev_result);

/* spool.c: both return 0 or an errno, check_delegates EBUSY if there are any. Without an error the caller frees file. */
int check_delegates(const char *state_dir, const char *container, const char *ifname);
int spool(const char *state_dir, const struct buf *payload, char **file);

#endif
